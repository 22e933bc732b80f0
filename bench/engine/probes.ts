import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { endAllBut } from './kill.ts';
import type { Project } from './project.ts';
import { environment, measure, must } from './shell.ts';
import type { Tool } from './tool.ts';

/** What a probe found: `null` where the tool has no such part. */
export interface Finding {
  readonly good: boolean | null;
  readonly note?: string;
}

export interface Probe {
  readonly id: string;
  readonly question: string;
  readonly ask: (tool: Tool, folder: string) => Promise<Finding> | Finding;
}

/** Five faults that happen. Each is asked with `yes` as the answer that one can trust. */
export const probes: readonly Probe[] = [
  { id: 'P1', question: 'a byte flipped in a stored result is not handed out', ask: flippedByte },
  {
    id: 'P2',
    question: '`kill -9`, started again at once: the output has one writer, no flags needed',
    ask: killed,
  },
  { id: 'P3', question: 'an edit of the same size with the mtime put back is seen', ask: oldTime },
  { id: 'P4', question: 'a file rewritten inside an input folder is seen', ask: insideFolder },
  { id: 'P5', question: 'the dry run after an edit says what the run then does', ask: dryRun },
];

const training: Project = {
  stages: [
    {
      name: 'train',
      cmd: 'sh <script> <out>',
      ins: { script: 'train.sh', knob: 'knob' },
      outs: { out: 'out/' },
    },
  ],
};

function flippedByte(tool: Tool, folder: string): Finding {
  const { store } = tool;
  if (store === undefined) return { good: null };
  writeFileSync(
    join(folder, 'train.sh'),
    'mkdir -p "$1"; echo part > "$1/a.txt"; seq 1 2500000 > "$1/big.bin"\n',
  );
  writeFileSync(join(folder, 'knob'), '1\n');
  tool.write(folder, training);
  const run = tool.run(training, 1);
  must(folder, run);
  const out = join(folder, tool.seen(training, 'out/'), 'big.bin');
  const before = sum(out);
  const stored = readdirSync(join(folder, store.folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, store.folder, path))
    .filter((path) => statSync(path).isFile() && store.holds(path, statSync(path).size));
  if (stored.length === 0) return { good: null, note: 'its store was not found' };
  stored.forEach(flip);
  store.forget(folder, () => {
    writeFileSync(join(folder, 'knob'), '2\n');
    measure(folder, run);
    writeFileSync(join(folder, 'knob'), '1\n');
  });
  const { code } = measure(folder, run);
  if (code !== 0 || !existsSync(out)) return { good: true, note: `refuses with exit code ${code}` };
  return { good: sum(out) === before };
}

/** Half a second each: the first run's stage lives on while the second run is well on its way. */
const lines = 10;
const appending: Project = {
  stages: [
    { name: 'train', cmd: 'sh <script> <out>', ins: { script: 'append.sh' }, outs: { out: 'out.txt' } },
  ],
};

async function killed(tool: Tool, folder: string): Promise<Finding> {
  const marker = join(folder, 'marker');
  writeFileSync(
    join(folder, 'append.sh'),
    `for i in $(seq ${lines}); do echo $$ >> "$1"; echo $$ >> ${marker}; sleep 0.5; done\n`,
  );
  tool.write(folder, appending);
  const { argv, env } = tool.run(appending, 1);
  const [file = '', ...args] = argv;
  const engine = spawn(file, args, { cwd: folder, env: environment(env), stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => engine.once('close', resolve));
  while (countLines(marker) < 2 && engine.exitCode === null) await pause(20);
  endAllBut(engine.pid ?? 0, 'append.sh');
  await ended;
  const again = measure(folder, tool.run(appending, 1));
  if (again.code !== 0) return { good: false, note: `refuses with exit code ${again.code}` };
  const look = () => {
    const out = join(folder, tool.seen(appending, 'out.txt'));
    const written = readFileSync(out, 'utf8').trim().split('\n');
    return { written: written.length, writers: new Set(written).size };
  };
  const atOnce = look();
  // What was left of the first run may still be writing.
  await pause(500 * lines);
  const later = look();
  const good = [atOnce, later].every(({ written, writers }) => written === lines && writers === 1);
  return { good, note: `${later.written} lines of ${later.writers}, ${atOnce.written} when it said done` };
}

const summing: Project = {
  stages: [
    { name: 'sum', cmd: 'sha256sum < <input> > <sum>', ins: { input: 'in.bin' }, outs: { sum: 'sum.txt' } },
  ],
};

async function oldTime(tool: Tool, folder: string): Promise<Finding> {
  const file = join(folder, 'in.bin');
  writeFileSync(file, Buffer.alloc(3_000_000, 'abc'));
  tool.write(folder, summing);
  must(folder, tool.run(summing, 1));
  await pause(1100);
  must(folder, { argv: ['touch', '-r', 'in.bin', 'time'] });
  flip(file);
  // `touch` and not utimes: Node cannot set nanoseconds.
  must(folder, { argv: ['touch', '-r', 'time', 'in.bin'] });
  must(folder, tool.run(summing, 1));
  return { good: readFileSync(join(folder, tool.seen(summing, 'sum.txt')), 'utf8').startsWith(sum(file)) };
}

const copying: Project = {
  stages: [
    { name: 'copy', cmd: 'cat <data>/f > <copy>', ins: { data: 'data/' }, outs: { copy: 'copy.txt' } },
  ],
};

async function insideFolder(tool: Tool, folder: string): Promise<Finding> {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'f'), 'one\n');
  tool.write(folder, copying);
  must(folder, tool.run(copying, 1));
  await pause(1100);
  writeFileSync(join(folder, 'data', 'f'), 'two\n');
  must(folder, tool.run(copying, 1));
  return { good: readFileSync(join(folder, tool.seen(copying, 'copy.txt')), 'utf8') === 'two\n' };
}

async function dryRun(tool: Tool, folder: string): Promise<Finding> {
  if (tool.dry === undefined) return { good: null };
  const file = join(folder, 'in.bin');
  writeFileSync(file, 'before\n');
  tool.write(folder, summing);
  must(folder, tool.run(summing, 1));
  await pause(1100);
  appendFileSync(file, 'after\n');
  const dry = tool.dry(summing);
  return { good: dry.saysRun(measure(folder, dry).output) };
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 3);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const { mode } = statSync(file);
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
  // As a bad disk would leave it: some tools trust what is read-only.
  chmodSync(file, mode);
}

function sum(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function countLines(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}
