import { relative, sep } from 'node:path';

/** A path as the user would type it: relative to the project's folder `root` when below it, else absolute. */
export function sayPath(root: string, path: string): string {
  const way = relative(root, path);
  const isBelow = way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
  return isBelow ? way.replaceAll(sep, '/') : path;
}
