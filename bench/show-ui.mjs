import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// React chooses its fast build by this, when it is loaded.
process.env.NODE_ENV = 'production';
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside node_modules, so that the bundle finds Ink and React.
const folder = join(root, 'node_modules', '.cache', 'ers');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, 'show-ui.mjs');
await build({
  entryPoints: [join(root, 'bench', 'show-ui.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  jsx: 'automatic',
});
await import(pathToFileURL(outfile).href);
