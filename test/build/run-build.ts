import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { project } from './tree.ts';

/** The build's own entry, on any folder. */
export async function buildAll(
  root: string,
): Promise<{ readonly build: string; readonly warnings: readonly string[] }> {
  const url = pathToFileURL(join(project, 'build', 'build.mjs')).href;
  const module = (await import(url)) as {
    readonly buildAll: (root: string) => Promise<{ build: string; warnings: string[] }>;
  };
  return module.buildAll(root);
}
