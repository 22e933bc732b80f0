/**
 * The process of a stage that a test steps by hand: `node child.mjs SOCKET NAME=PATH…`. It connects to the test, says
 * who it is, and then does nothing but what it is told, one JSON object a line, each answered with one.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , socket, ...named] = process.argv;
const places = Object.fromEntries(
  named.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
);

/** `out` or `out/sub/path` → where that lies. `checkpoint` and `tmp` are known without being named. */
function placeOf(path) {
  const [name, ...sub] = path.split('/');
  const known = { checkpoint: process.env.ERS_CHECKPOINT, tmp: process.env.TMPDIR, ...places };
  if (known[name] === undefined) throw new Error(`this stage knows no ${name}`);
  return join(known[name], ...sub);
}

function put(write, path, text) {
  const place = placeOf(path);
  mkdirSync(dirname(place), { recursive: true });
  write(place, text);
}

const deeds = {
  write: (path, text) => put(writeFileSync, path, text),
  append: (path, text) => put(appendFileSync, path, text),
  read: (path) => readFileSync(placeOf(path), 'utf8'),
  list: (path) => readdirSync(placeOf(path)).sort(),
  say: (line) => process.stdout.write(`${line}\n`),
  /** What it leaves in the background lives on as it would below any stage. */
  shell: (command) =>
    spawnSync('/bin/sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] }).status,
  holdSignals: () => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => tell({ signal }));
  },
};

const line = connect(socket);
const tell = (message) => line.write(`${JSON.stringify(message)}\n`);
// A test that is gone steps nothing any more.
line.on('error', () => process.exit(70));
line.on('close', () => process.exit(70));
line.on('connect', () => tell({ pid: process.pid, attempt: process.env.ERS_ATTEMPT ?? '' }));
createInterface({ input: line }).on('line', (text) => {
  const { exit, deed, args } = JSON.parse(text);
  if (exit !== undefined) process.exit(exit);
  try {
    tell({ done: deeds[deed](...args) ?? null });
  } catch (error) {
    tell({ refused: error.message });
  }
});
