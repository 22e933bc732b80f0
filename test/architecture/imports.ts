import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Source file → those of the project that it imports, types too; paths from the project's root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders without sources of ours. */
const foreign = ['artifacts', 'coverage', 'dist', 'node_modules', 'types'];

/** Of all rooms, tests too. */
export function readImports(): Imports {
  const rooms = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !foreign.includes(entry.name))
    .map(({ name }) => name);
  const files = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .map((path) => posix.join(room, path))
      .filter((path) => /\.(ts|tsx|mjs)$/.test(path)),
  );
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
      const named = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => posix.join(posix.dirname(file), fileName));
      return [file, [...new Set(named)].filter((path) => known.has(path))];
    }),
  );
}

/** Circles, each as the files along it with the first at its end again: one for each file that closes a circle. */
export function findCircles(imports: Imports): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = [];
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): void => {
    if (done.has(file)) return;
    const way = [...path, file];
    for (const next of imports.get(file) ?? []) {
      const at = way.indexOf(next);
      if (at >= 0) circles.push([...way.slice(at), next]);
      else follow(next, way);
    }
    done.add(file);
  };
  for (const file of imports.keys()) follow(file, []);
  return circles;
}
