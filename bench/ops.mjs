import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

// `npm run bench:ops -- --help` says what this is for.
const [outdir, sides] = [await bundle('ops', 'main'), await bundle('train', 'our-side')];
const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
process.exitCode = await main({ args: process.argv.slice(2), ourSide: join(sides, 'our-side.mjs') });
