import {
  appendFileSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { byCodeUnit } from '../../../base/canonical.ts';
import { sha256 } from '../../../base/digest.ts';
import { manifestDigest } from '../../../cache/manifest.ts';
import type { Deed } from './deeds.ts';
import type { Content } from './model.ts';

/** Harms a stored tree as a disk or a user might. */
export function damage(tree: string, how: Extract<Deed, { do: 'damage-tree' }>['how']): void {
  const [path] = filesBelow(tree);
  if (path === undefined) return;
  const file = join(tree, path);
  if (how === 'file-more') {
    writeFileSync(join(tree, 'more'), 'more\n');
    return;
  }
  chmodSync(dirname(file), 0o755);
  if (how === 'file-gone') {
    rmSync(file);
    return;
  }
  const { atime, mtime } = statSync(file);
  chmodSync(file, 0o644);
  if (how === 'byte') appendFileSync(file, '#');
  else {
    const bytes = readFileSync(file);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    utimesSync(file, atime, mtime);
  }
}

/** A folder's content as one text: `path=line` of each file. */
export function treeText(content: Content | undefined): string {
  return typeof content === 'object' ? [...content].map(([path, line]) => `${path}=${line}\n`).join('') : '?';
}

/** The name that a tree of these files has. */
export function digestOf(folder: string): string {
  return manifestDigest(
    filesBelow(folder).map((path) => {
      const bytes = readFileSync(join(folder, path));
      return { path, bytes: bytes.length, digest: sha256(bytes) };
    }),
  );
}

/** What lies at a path as the model would have it; undefined if nothing. */
export function readContent(path: string): Content | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile()) return lineOf(path);
  return new Map(filesBelow(path).map((file) => [file, lineOf(join(path, file))]));
}

function filesBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      return entry.isDirectory() ? filesBelow(folder, `${path}/`) : [path];
    })
    .sort(byCodeUnit);
}

/** The text without the newline at its end; one that lacks it is another text. */
function lineOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\n$/, '');
}
