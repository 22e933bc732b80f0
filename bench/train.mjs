import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';

// `npm run bench:train -- --help` says what this is for.
const outdir = await bundle('train', 'main', 'our-side');
const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
process.exitCode = await main({
  args: process.argv.slice(2),
  ourSide: join(outdir, 'our-side.mjs'),
  torchSide: join(root, 'bench', 'peers', 'torch_step.py'),
});
