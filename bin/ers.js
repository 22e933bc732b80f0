#!/usr/bin/env node
// CommonJS, as all of bin/: Node needs less time to load it.
/* global require, __dirname */
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { keepCode, loadScript } = require('./code-cache.js');
const { statSources } = require('./sources.js');

/** Exit code of a fault in what the user gave or in how ers is installed. */
const usage = 2;

/** V8 throws away the code of functions that were not called for long: what is left of it then is not worth keeping. */
const longSeconds = 10;

const root = dirname(__dirname);
const dist = join(root, 'dist');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(
    `ers needs Node 20.19 or newer, and this is Node ${process.versions.node}. Install it from nodejs.org.`,
  );
}

let current = readCurrent();
// A published package has no sources beside its dist/: there is nothing to compare.
if (existsSync(join(root, 'build', 'build.mjs')) && !isFresh(current)) {
  rebuild();
  current = readCurrent();
}
if (current === undefined) {
  stop(`ers is not built: ${join(dist, 'current.json')} is missing. Install ers again.`);
}
start(current.build, process.argv.slice(2));

async function start(build, argv) {
  const { main } = loadScript(join(dist, build, 'cli.cjs'));
  const code = await main(argv, { dist, build });
  if (typeof code === 'number') process.exitCode = code;
  // Of the commands a run calls most of the program.
  if (argv[0] === 'run' && code === 0 && process.uptime() < longSeconds) keepCode();
}

/** The build that `dist/current.json` names, if it is whole. */
function readCurrent() {
  try {
    const read = JSON.parse(readFileSync(join(dist, 'current.json'), 'utf8'));
    const isWhole = typeof read?.build === 'string' && existsSync(join(dist, read.build, 'cli.cjs'));
    return isWhole ? read : undefined;
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isFresh(built) {
  return built !== undefined && JSON.stringify(built.sources) === JSON.stringify(statSources(root));
}

/** In a child, so that the compiler's memory and modules are gone when ers starts. */
function rebuild() {
  if (!existsSync(join(root, 'node_modules', 'esbuild'))) {
    stop(`The packages that ers needs are not installed: run npm ci in ${root}.`);
  }
  const { spawnSync } = require('node:child_process');
  process.stderr.write('building ers…\n');
  const built = spawnSync(process.execPath, [join(root, 'build', 'build.mjs')], {
    // Where the user stands may be a folder that no path leads to.
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (built.error !== undefined) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (built.error);
    stop(
      `ERS_BUILD: ers must build itself once, and ${process.execPath} cannot be started for it (${code}). Let this user read and execute that file and the folders above it.`,
    );
  }
  if (built.signal !== null) process.kill(process.pid, built.signal);
  if (built.status !== 0) process.exit(built.status);
}

/** @returns {never} */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(usage);
}
