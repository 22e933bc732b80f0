import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';

// `npm run bench:precision -- --help` says what this is for.
const outdir = await bundle('precision', 'main');
const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
process.exitCode = await main({ args: process.argv.slice(2), root });
