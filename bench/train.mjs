import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// `npm run bench:train -- --help` says what this is for.
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside node_modules, so that the bundles find the packages that stay outside of them.
const outdir = join(root, 'node_modules', '.cache', 'ers', 'bench-train');
mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: ['main', 'our-side'].map((name) => join(root, 'bench', 'train', `${name}.ts`)),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
process.exitCode = await main({
  args: process.argv.slice(2),
  ourSide: join(outdir, 'our-side.mjs'),
  torchSide: join(root, 'bench', 'peers', 'torch_step.py'),
});
