import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// `npm run bench:parity -- --help` says what this is for.
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside node_modules, so that the bundle finds the packages that stay outside of it.
const outdir = join(root, 'node_modules', '.cache', 'ers', 'bench-parity');
mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: [join(root, 'bench', 'parity', 'main.ts')],
  outfile: join(outdir, 'main.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
process.exitCode = await main({
  args: process.argv.slice(2),
  peer: join(root, 'bench', 'peers', 'parity.py'),
});
