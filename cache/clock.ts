import { closeSync, fstatSync, openSync, statfsSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { errnoOf } from './errno.ts';
import { osPath } from './names.ts';
import { temporaryFor } from './temporary.ts';

/** The clock by which a file system stamps its files, read by making a file there. */
export interface FileClock {
  /** Nanoseconds since 1970; undefined where no file can be made. */
  now(): bigint | undefined;
  /** Whether files on all these devices (device → a path on it) are stamped by this clock. */
  stamps(devices: ReadonlyMap<bigint, string>): boolean;
}

/**
 * `f_type` of Linux file systems that stamp with this kernel's own clock. On any other (NFS, SMB, FUSE …)
 * a server's clock decides, which may be off by hours.
 */
const localFileSystems: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0x858458f6, 0x73717368,
  0x9660, 0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e, 0xca451a4e, 0xe0f5e1e2,
]);

/** The clock of a folder, or of the machine's temporary folder where nothing can be written there. */
export function fileClock(folder: string): FileClock {
  return {
    now: () => probe(folder) ?? probe(tmpdir()),
    stamps: (devices) => {
      const own = statSync(folder, { bigint: true, throwIfNoEntry: false })?.dev;
      return [...devices].every(([device, path]) => device === own || isLocal(path));
    },
  };
}

function probe(folder: string): bigint | undefined {
  const file = temporaryFor(join(folder, '.clock'));
  try {
    const opened = openSync(file, 'wx');
    crashPoint('clock:made');
    try {
      return fstatSync(opened, { bigint: true }).ctimeNs;
    } finally {
      closeSync(opened);
      unlinkSync(file);
    }
  } catch (error) {
    // A folder that cannot be written to tells no time; nothing is trusted on its account.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function isLocal(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return localFileSystems.has(statfsSync(osPath(path)).type);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
