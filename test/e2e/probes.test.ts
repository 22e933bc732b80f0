import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ers } from '../cli/project.ts';
import { tempFolder } from '../engine/pipelines.ts';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';

/**
 * The fault probes that were run on other engines, here on the real `ers`: each of them broke one or more of the peers.
 * Beside them the peers' own test ideas that fit into one project and a few commands.
 */
interface Probe {
  readonly folder: string;
  readonly ers: (...args: readonly string[]) => ReturnType<typeof ers>;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string) => void;
}

function probe(stages: string, config = ''): Probe {
  const folder = tempFolder();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('pipeline.yaml', `${config === '' ? '' : 'config: config.yaml\n'}stages:\n${stages}`);
  if (config !== '') write('config.yaml', config);
  return {
    folder,
    write,
    ers: (...args) => ers(folder, args),
    read: (path) => readFileSync(join(folder, path), 'utf8'),
  };
}

/** A deterministic stage with a small and a large file: other bytes can only be a bad restore. */
const train = `  train:
    cmd: 'echo part1 > {outs.out}/a.txt; yes part2 | head -c 3000000 > {outs.out}/big.bin'
    outs: { out: out/ }
`;

const stored = (folder: string, path: string) => realpathSync(join(folder, 'artifacts', path));

test.each<[string, (file: string) => void]>([
  [
    'with one byte flipped',
    (file) => {
      const bytes = readFileSync(file);
      bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    },
  ],
  ['that was cut short', (file) => truncateSync(file, 2_000_000)],
  ['with a file gone from it', (file) => rmSync(file)],
])(
  'a stored artifact %s is never given out: it is said, and made again with the right bytes',
  (_, damage) => {
    const { folder, ers: run, read } = probe(train);
    expect(run('run').code).toBe(0);
    const right = read('artifacts/train/out/big.bin');
    const file = stored(folder, 'train/out/big.bin');
    chmodSync(dirname(file), 0o755);
    if (existsSync(file)) chmodSync(file, 0o644);
    damage(file);
    rmSync(join(folder, 'artifacts'), { recursive: true });
    const again = run('run');
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/train: artifact out was damaged \(big\.bin\); it was moved to /);
    expect(read('artifacts/train/out/big.bin')).toBe(right);
    expect(run('run').out).toContain('1 stage, 1 cached');
  },
);

test('after kill -9 of a run whose stage appends to its output, the next plain run has one writer in it, and no flag is asked for', async () => {
  const stage = await stepped();
  const { folder, read } = probe(
    `  train:\n    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}\n    outs: { out: out.txt }\n`,
  );
  const killed = startErs(folder, ['run', '--plain']);
  const first = await stage.started();
  await first.append('out', `${first.pid}\n`);
  killed.kill('SIGKILL');
  await killed.ended;
  // Its stage lives on, as those of the peers did, and writes once more.
  await first.append('out', `${first.pid}\n`);
  const next = startErs(folder, ['run', '--plain']);
  const second = await stage.started();
  await first.ended;
  for (let line = 0; line < 3; line += 1) await second.append('out', `${second.pid}\n`);
  await second.finish();
  expect((await next.ended).code).toBe(0);
  expect(read('artifacts/train/out.txt')).toBe(`${second.pid}\n`.repeat(3));
});

const sum = `  sum:
    cmd: 'sha256sum < {deps.in} > {outs.sum}'
    deps: { in: in.bin }
    outs: { sum: sum.txt }
`;

test('an edit of the same size with the mtime put back is seen', () => {
  const { folder, ers: run, read, write } = probe(sum);
  write('in.bin', 'x'.repeat(100_000));
  run('run');
  const [before, file] = [read('artifacts/sum/sum.txt'), join(folder, 'in.bin')];
  const { atime, mtime } = statSync(file);
  write('in.bin', `XXXX${'x'.repeat(99_996)}`);
  utimesSync(file, atime, mtime);
  expect(run('run').out).toContain('sum       run        in.bin changed\n');
  expect(read('artifacts/sum/sum.txt')).not.toBe(before);
});

test('a file inside a folder input that is rewritten is seen and named', () => {
  const {
    ers: run,
    read,
    write,
  } = probe(`  copy:
    cmd: 'cp {deps.data}/f {outs.copy}'
    deps: { data: data }
    outs: { copy: copy.txt }
`);
  write('data/f', 'a\n');
  run('run');
  write('data/f', 'CHANGED\n');
  expect(run('run').out).toContain('copy      run        data: f changed\n');
  expect(read('artifacts/copy/copy.txt')).toBe('CHANGED\n');
});

test('a dry run after an input changed says what the run then does, in the same words', () => {
  const { ers: run, write } = probe(sum);
  write('in.bin', 'one');
  run('run');
  write('in.bin', 'one more');
  const line = 'sum       run        in.bin changed\n';
  expect(run('run', '--dry').out).toContain(line);
  expect(run('run').out).toContain(line);
  expect(run('run', '--dry').out).toContain('sum       cached ');
});

test('a file that is touched, or written anew with the same bytes, re-runs nothing', () => {
  const { folder, ers: run, write } = probe(sum);
  write('in.bin', 'one');
  run('run');
  utimesSync(join(folder, 'in.bin'), 5, 5);
  expect(run('run').out).toContain('1 stage, 1 cached');
  rmSync(join(folder, 'in.bin'));
  write('in.bin', 'one');
  expect(run('run').out).toContain('1 stage, 1 cached');
});

/** `first` makes the same bytes whatever its comment says; `second` reads them. */
const chain = (comment: string) => `  first:
    cmd: 'echo {params.value} > {outs.out} # ${comment}'
    params: [value]
    outs: { out: out.txt }
  second:
    cmd: 'cat {deps.in} {deps.in} > {outs.out}'
    deps: { in: first:out }
    outs: { out: twice.txt }
`;

test('a change above that makes the same bytes ends there: what is below stays cached and says because of whom', () => {
  const { ers: run, write } = probe(chain('one'), 'value: 1\n');
  run('run');
  write('pipeline.yaml', `config: config.yaml\nstages:\n${chain('two')}`);
  const { out } = run('run');
  expect(out).toContain('first     run        its command changed\n');
  expect(out).toContain('second    cached     first made the same bytes again');
});

test('a param that is put back brings the older result back without a run, and a second run finds nothing to do', () => {
  const { ers: run, read, write } = probe(chain('one'), 'value: 1\n');
  run('run');
  write('config.yaml', 'value: 2\n');
  expect(run('run').out).toContain('2 stages, 2 made');
  expect(run('run').out).toContain('2 stages, 2 cached');
  write('config.yaml', 'value: 1\n');
  expect(run('run').out).not.toContain('made');
  expect(read('artifacts/second/twice.txt')).toBe('1\n1\n');
});

test('a stage that fails leaves nothing half-written in artifacts, and what was there stays', () => {
  const {
    ers: run,
    read,
    write,
  } = probe(
    `  train:
    cmd: 'echo half > {outs.out}; test {params.fail} = no; echo whole > {outs.out}'
    params: [fail]
    outs: { out: out.txt }
`.replace("'echo half", "'set -e; echo half"),
    'fail: "no"\n',
  );
  expect(run('run').code).toBe(0);
  write('config.yaml', 'fail: "yes"\n');
  expect(run('run').code).toBe(1);
  expect(read('artifacts/train/out.txt')).toBe('whole\n');
  write('config.yaml', 'fail: "no"\n');
  expect(run('run').out).toContain('1 stage, 1 cached');
});

test('a declared environment value is part of the result, and one that is not declared cannot be seen', () => {
  const { folder } = probe(`  say:
    cmd: 'echo "$SEEN $HIDDEN" > {outs.out}'
    env: [SEEN]
    outs: { out: out.txt }
`);
  const run = (env: NodeJS.ProcessEnv) => ers(folder, ['run'], env).out;
  run({ SEEN: 'a', HIDDEN: '1' });
  expect(readFileSync(join(folder, 'artifacts/say/out.txt'), 'utf8')).toBe('a \n');
  expect(run({ SEEN: 'a', HIDDEN: '2' })).toContain('1 stage, 1 cached');
  expect(run({ SEEN: 'b', HIDDEN: '2' })).toContain('say       run        environment SEEN a → b\n');
});

test('two stages that do not depend on each other are at work at the same time', async () => {
  const [one, two] = [await stepped(), await stepped()];
  const stage = (name: string, cmd: readonly string[]) =>
    `  ${name}:\n    cmd: ${JSON.stringify(cmd)}\n    outs: { out: out.txt }\n`;
  const outs = { out: '{outs.out}' };
  const { folder } = probe(
    `${stage('one', one.cmd(outs))}${stage('two', two.cmd(outs))}default: [one, two]\n`,
  );
  const running = startErs(folder, ['run', '--plain', '--jobs', '2']);
  const lives = [await one.started(), await two.started()];
  for (const life of lives) {
    await life.write('out', 'done');
    await life.finish();
  }
  expect((await running.ended).code).toBe(0);
});

test('an input that is edited while its stage runs is a fault that names it, and nothing is recorded', async () => {
  const stage = await stepped();
  const {
    folder,
    write,
    ers: run,
  } = probe(
    `  copy:\n    cmd: ${JSON.stringify(stage.cmd({ in: '{deps.in}', out: '{outs.out}' }))}\n    deps: { in: in.txt }\n    outs: { out: out.txt }\n`,
  );
  write('in.txt', 'before');
  const running = startErs(folder, ['run', '--plain']);
  const life = await stage.started();
  await life.write('out', await life.read('in'));
  write('in.txt', 'after!');
  await life.finish();
  expect((await running.ended).code).toBe(1);
  expect(running.lines.join('\n')).toMatch(/An input changed while copy ran: in\.txt\./);
  expect(run('status').out).toContain('copy      run        never made before');
});

test('what a dead run left, with its note of who it was destroyed, hinders no later run', async () => {
  const stage = await stepped();
  const { folder } = probe(
    `  slow:\n    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}\n    outs: { out: out.txt }\n`,
  );
  const killed = startErs(folder, ['run', '--plain']);
  const first = await stage.started();
  killed.kill('SIGKILL');
  await killed.ended;
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const [attempt = ''] = readdirSync(join(folder, '.ers/attempts'));
  writeFileSync(join(folder, '.ers/attempts', attempt, 'holder.json'), '{"pid": 1');
  const next = startErs(folder, ['run', '--plain']);
  const second = await stage.started();
  await second.write('out', 'done');
  await second.finish();
  expect((await next.ended).code).toBe(0);
});

test('the program needs no git, and leaves nothing beside artifacts, its lock file and .ers', () => {
  const { folder, ers: run } = probe(train);
  expect(spawnSync('git', ['-C', folder, 'rev-parse']).status).not.toBe(0);
  expect(run('run').code).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['.ers', 'artifacts', 'pipeline.lock', 'pipeline.yaml']);
});
