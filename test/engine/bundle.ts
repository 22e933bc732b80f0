import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** Bundles a TypeScript file of the checkout as the build does, so that Node 20 can run it in a process of its own. */
export async function bundleTo(target: string, source: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: target,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    banner: {
      js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
    },
  });
}

/** A `dist/` with `BUILD/child.mjs` and the given stage modules; returns the build's folder. */
export async function fakeDist(folder: string, stages: Readonly<Record<string, string>>): Promise<string> {
  await bundleTo(join(folder, 'build', 'child.mjs'), 'engine/attempt/child.ts');
  for (const [path, text] of Object.entries(stages)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, 'build');
}
