import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { isFolder } from './base-folder.ts';
import { installedBytes, readManifest } from './manifest.ts';
import { removeLeftovers } from './staging.ts';

export interface StoredRuntime {
  readonly dir: string;
  /** Size on the disk by its manifest; 0 if that cannot be read. */
  readonly bytes: number;
}

/** Every runtime of this user: of this version of ers and of others. */
export function storedRuntimes(base: string): readonly StoredRuntime[] {
  if (!isFolder(base)) return [];
  return readdirSync(base)
    .filter((name) => name.startsWith('tensorflow-'))
    .sort(byCodeUnit)
    .map((name) => {
      const manifest = readManifest(join(base, name));
      return { dir: join(base, name), bytes: typeof manifest === 'string' ? 0 : installedBytes(manifest) };
    });
}

/** Removes all runtimes, what interrupted installations left, and the choice of a device. A live installation stays. */
export function removeRuntimes(base: string): readonly StoredRuntime[] {
  if (!isFolder(base)) return [];
  const found = storedRuntimes(base);
  for (const { dir } of found) rmSync(dir, { recursive: true, force: true });
  removeLeftovers(base);
  for (const name of readdirSync(base)) {
    if (name === 'device' || name.startsWith('.lock-')) rmSync(join(base, name), { force: true });
  }
  return found;
}
