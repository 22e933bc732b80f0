import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { sha256 } from '../../base/digest.ts';
import { crashPoint } from '../../base/crash-point.ts';
import { errnoOf, isExhausted, isFull } from '../../cache/errno.ts';
import type { Stage } from '../definition/types.ts';
import type { Keyed } from '../key/standing.ts';
import type { AttemptFolder } from './folder.ts';

/** Larger files stay links: a script is small, and nobody waits for a copy of imagery. */
const maxBytes = 1 << 20;

/**
 * Gives the stage a copy of each input that is one file of the user's, of up to 1 MiB. Python, Node and R follow a link
 * to a script and look for what it imports in the folder where it really lies: there, files that nobody declared would
 * get into the result. The copy keeps mode and name, on whose suffix some of them depend, and lies alone.
 * The source of an input that is no longer what the stage's key names, if there is one: its bytes are hashed as they are
 * copied, so that the stage reads what the key says.
 */
export function copyInputs(stage: Stage, folder: AttemptFolder, keyed: Keyed): string | undefined {
  for (const [name, { path, kind, digest, source }] of Object.entries(keyed.inputs.known)) {
    if (kind !== 'file' || stage.deps[name]?.type !== 'path') continue;
    const small = readSmall(path);
    if (small === 'large') continue;
    if (small === undefined || sha256(small.bytes) !== digest) return source;
    const copy = join(folder.copies, name, basename(path));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, small.bytes);
    chmodSync(copy, small.mode);
    const link = join(folder.deps, name);
    unlinkSync(link);
    symlinkSync(relative(dirname(link), copy), link);
    crashPoint('attempt:copied');
  }
  return undefined;
}

/** Undefined where no file can be read any more. */
function readSmall(path: string): { readonly bytes: Buffer; readonly mode: number } | 'large' | undefined {
  try {
    // Without O_NONBLOCK, opening what has become a FIFO would hang.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) return undefined;
      if (stats.size > maxBytes) return 'large';
      return { bytes: readFileSync(file), mode: stats.mode & 0o777 };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (errnoOf(error) === undefined || isExhausted(error) || isFull(error)) throw error;
    return undefined;
  }
}
