import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The checkout that is measured. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles files of bench/NAME, given without `.ts`, to `.mjs` ones; returns their folder. */
export async function bundle(name, ...files) {
  // Inside node_modules, so that the bundles find the packages that stay outside of them.
  const outdir = join(root, 'node_modules', '.cache', 'ers', `bench-${name}`);
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: files.map((file) => join(root, 'bench', name, `${file}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return outdir;
}
