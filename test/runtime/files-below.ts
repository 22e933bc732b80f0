import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';

/** Relative paths of all files below a folder, sorted. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort(byCodeUnit);
}
