import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';
import { ers, tinyProject, type TinyProject } from './project.ts';

const bin = join(import.meta.dirname, '../../bin/ers.js');

function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  return made;
}

const text = (folder: string): string => readFileSync(join(folder, 'artifacts/draw/text.txt'), 'utf8');

it('gc says what would go, then removes it; status and a later run know the result still', () => {
  const { ers: run, runWith, folder } = project();
  for (const letter of ['a', 'b']) expect(runWith(letter).code).toBe(0);
  expect(run('gc', '--dry').out).toMatch(/^stage +kept +to remove\n[^]*\n0 B would be removed; 19 B kept in/);
  const dry = run('gc', '--dry', '--older-than', '0h').out;
  expect(dry).toMatch(/draw +1 result +3 B +1 result +3 B\n/);
  expect(run('gc', '--older-than', '0h').out).toMatch(/\n3 B removed; 16 B kept in/);
  expect(text(folder)).toBe('bbb');
  expect(run('status', '-S', 'letter=a').out).toMatch(/draw +recorded/);
  expect(runWith('a', 'draw').code).toBe(0);
  expect(text(folder)).toBe('aaa');
});

it('a pinned result outlives gc until it is unpinned; ls marks it', () => {
  const { ers: run, runWith } = project();
  runWith('a', 'draw');
  expect(run('pin', 'draw').out).toMatch(/^draw@[0-9a-f]{8} is pinned: ers gc keeps it\n$/);
  const [name = ''] = /draw@[0-9a-f]{8}/.exec(run('ls').out) ?? [];
  runWith('b', 'draw');
  expect(run('gc', '--older-than', '0h').out).toMatch(/\n0 B removed/);
  expect(run('ls').out).toMatch(new RegExp(`^ \\+ +${name}`, 'm'));
  expect(run('unpin', name).out).toBe(`${name} is no longer pinned\n`);
  expect(run('gc', '--older-than', '0h').out).toMatch(/\n3 B removed/);
});

it('du counts each stored output once, the current ones apart', () => {
  const { ers: run, runWith } = project();
  for (const letter of ['a', 'b']) runWith(letter);
  const lines = run('du').out.split('\n');
  expect(lines[0]).toMatch(/^stage +results +files +size +current +older +gc frees$/);
  expect(lines[1]).toMatch(/^draw +2 results +2 +6 B +3 B +3 B +0 B$/);
  // Both letters are three long, so both counts are one tree.
  expect(lines[2]).toMatch(/^count +2 results +1 +13 B +13 B +0 B +0 B$/);
  expect(lines[3]).toBe('13 B belong to several results and are counted once');
  expect(lines[4]).toMatch(/^19 B in .*; ers gc would free 0 B$/);
});

it('du tells what was fetched from hubs beside the store, and gc leaves what was asked for lately', () => {
  const { ersWith, runWith, folder } = project();
  runWith('a');
  const remote = join(folder, 'remote');
  const revision = join(remote, 'hub--net', '0'.repeat(40));
  mkdirSync(revision, { recursive: true });
  writeFileSync(join(revision, 'model.safetensors'), 'weights');
  const run = (...args: readonly string[]) => ersWith({ ERS_REMOTE_DIR: remote }, ...args);
  expect(run('du').out).toContain(
    `\n7 B fetched into ${remote}, which all checkouts share; ers gc would free 0 B\n`,
  );
  expect(JSON.parse(run('du', '--json').out)).toMatchObject({
    remote: { folder: remote, files: 1, bytes: 7, removable: 0 },
  });
  expect(JSON.parse(run('gc', '--older-than', '0h', '--json').out)).toMatchObject({ remote: [] });
  expect(existsSync(join(revision, 'model.safetensors'))).toBe(true);
});

it('gc removes what was fetched from hubs when nobody has asked for it in 30 days, and says how much', () => {
  const { ersWith, folder } = project();
  const remote = join(folder, 'remote');
  const revision = join(remote, 'hub--net', '0'.repeat(40));
  mkdirSync(revision, { recursive: true });
  writeFileSync(join(revision, 'model.safetensors'), 'weights');
  const later = join(folder, 'later.cjs');
  writeFileSync(later, 'const now = Date.now; Date.now = () => now() + 31 * 24 * 3600 * 1000;\n');
  const run = (...args: readonly string[]) =>
    ersWith({ ERS_REMOTE_DIR: remote, NODE_OPTIONS: `--require "${later}"` }, ...args);
  expect(run('du').out).toContain('; ers gc would free 7 B\n');
  expect(run('gc', '--dry').out).toMatch(/^0 B would be removed, and 1 fetched file \(7 B\); 0 B kept in/);
  expect(existsSync(revision)).toBe(true);
  // Another checkout may ask for it once in so long a time.
  expect(run('gc', '--older-than', '40d').out).toMatch(/^0 B removed; /);
  expect(run('gc').out).toMatch(/^0 B removed, and 1 fetched file \(7 B\); 0 B kept in/);
  expect(existsSync(revision)).toBe(false);
  expect(run('gc').out).toMatch(/^0 B removed; /);
});

it('du of a stage tells each of its results, the current one first, and what gc would free of each', () => {
  const { ers: run, runWith, folder } = project();
  for (const letter of ['a', 'b']) runWith(letter);
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    readFileSync(join(folder, 'pipeline.yaml'), 'utf8').replace(
      'params: [letter]',
      'params: [letter]\n    keep: none',
    ),
  );
  const lines = run('du', 'draw').out.split('\n');
  expect(lines[0]).toMatch(/^stage@record +files +size +shared +gc frees +made \(UTC\) +used \(UTC\)$/);
  expect(lines[1]).toMatch(/^draw@[0-9a-f]{8} +1 +3 B +0 B +0 B .* current$/);
  expect(lines[2]).toMatch(/^draw@[0-9a-f]{8} +1 +3 B +0 B +3 B .*\d$/);
  expect(lines[3]).toBe('6 B in 2 results, of which ers gc would free 3 B');
  expect(run('du', 'count').out).toMatch(/; 13 B more are counted at another result\n$/);
  expect(run('du', 'drow')).toMatchObject({ code: 2 });
  expect(run('gc').out).toMatch(/\n3 B removed; 16 B kept in/);
});

it('keep: last leaves the newest result of a stage beside the current one, keep: all every one', () => {
  const { ers: run, runWith, folder } = project();
  const file = join(folder, 'pipeline.yaml');
  const plain = readFileSync(file, 'utf8');
  const keep = (word: string): void =>
    writeFileSync(file, plain.replace('params: [letter]', `params: [letter]\n    keep: ${word}`));
  for (const letter of ['a', 'b', 'c', 'd']) runWith(letter);
  runWith('a');
  keep('all');
  expect(run('gc', '--max-size', '0', '--older-than', '0h').out).toMatch(/\n0 B removed; 25 B kept in/);
  keep('last');
  // `b` and `c` go, although they would fit below the cap; `d` is the newest, `a` the current one.
  expect(run('gc').out).toMatch(/\n6 B removed; 19 B kept in/);
  expect(run('status', '-S', 'letter=d').out).toMatch(/draw +cached/);
  expect(run('status', '-S', 'letter=c').out).toMatch(/draw +recorded/);
  expect(text(folder)).toBe('aaa');
});

it('a checkpoint that no run asks for goes once it is older than --older-than, and the summary says so', () => {
  const { ers: run, folder } = project();
  const cmd = `'echo half > "$ERS_CHECKPOINT/half"; kill -9 $$; echo {outs.model}'`;
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:\n  fit:\n    cmd: ${cmd}\n    outs: { model: model.bin }\n`,
  );
  expect(run('run').code).toBe(1);
  const attempts = join(folder, '.ers/attempts');
  const [attempt = ''] = readdirSync(attempts);
  expect(readFileSync(join(attempts, attempt, 'checkpoint/half'), 'utf8')).toBe('half\n');
  expect(run('gc').out).toMatch(/^0 B removed; 0 B kept/);
  expect(run('gc', '--dry', '--older-than', '0h').out).toMatch(
    /^0 B would be removed, and 1 unused checkpoint \(\d+ B\); 0 B kept/,
  );
  expect(readdirSync(attempts)).toEqual([attempt]);
  const said = JSON.parse(run('gc', '--older-than', '0h', '--json').out) as { checkpoints: unknown };
  expect(said.checkpoints).toEqual([{ path: join(attempts, attempt), bytes: expect.any(Number) as number }]);
  expect(readdirSync(attempts)).toEqual([]);
});

it('an amount that is none is refused with what was expected', () => {
  const { ers: run } = project();
  const [size, time] = [run('gc', '--max-size', '4x'), run('gc', '--older-than', '30')];
  expect([size.code, time.code]).toEqual([2, 2]);
  expect(size.err).toContain('Expected a size such as 20G or 500M.');
  expect(time.err).toContain('Expected a time such as 30d, 12h or 2w.');
});

it('a gc that is killed at any step leaves a store that the next run and the next gc put right', () => {
  for (const point of ['gc:begun', 'gc:moved', 'gc:asked']) {
    const { ers: run, runWith, folder } = project();
    for (const letter of ['a', 'b']) runWith(letter);
    const killed = ers(folder, ['gc', '--older-than', '0h'], { ERS_TEST_CRASH_AT: point });
    expect(killed.code).toBe(null);
    expect(runWith('a', 'draw').code).toBe(0);
    expect(text(folder)).toBe('aaa');
    expect(run('gc', '--older-than', '0h').code).toBe(0);
    expect(text(folder)).toBe('aaa');
    expect(runWith('a', 'draw').out).toMatch(/1 cached/);
    for (const left of ['trash', 'collecting', 'live'])
      expect(readdirSync(join(folder, '.ers', left))).toEqual([]);
  }
});

it('gc in a loop takes nothing that a run at work needs, even when another run changed what is current', async () => {
  const { ers: run, runWith, folder } = project();
  const stage = await stepped();
  const hold = JSON.stringify(stage.cmd({ count: '{deps.count}', copy: '{outs.copy}' }));
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    readFileSync(join(folder, 'pipeline.yaml'), 'utf8').replace(
      /default.*/,
      `  hold:
    cmd: ${hold}
    deps: { count: 'count:metrics' }
    outs: { copy: copy.json }
  last:
    cmd: [cp, '{deps.text}', '{outs.text}']
    deps: { text: 'draw:text', hold: 'hold:copy' }
    outs: { text: text.txt }
default: [last]`,
    ),
  );
  // `last` needs the text of `draw`, which no attempt links to while `hold` is at work.
  writeFileSync(join(folder, 'config.yaml'), 'letter: b\n');
  const running = startErs(folder, ['run', '--plain']);
  const life = await stage.started();
  expect(runWith('a', 'draw').code).toBe(0);
  for (let times = 0; times < 3; times += 1) {
    expect(run('gc', '--older-than', '0h', '--max-size', '0').out).toMatch(/\n0 B removed/);
  }
  await life.write('copy', await life.read('count'));
  await life.finish();
  expect(await running.ended).toEqual({ code: 0, signal: null });
  // The other run shows its own `draw`, so `last` stays in the store until a run shows its generation.
  expect(existsSync(join(folder, 'artifacts/last/text.txt'))).toBe(false);
  expect(runWith('b').out).toMatch(/^last {6}cached /m);
  expect(readFileSync(join(folder, 'artifacts/last/text.txt'), 'utf8')).toBe('bbb');
});

it('runs that come and go beside gc always end well and show the right bytes', () => {
  const { ers: run, runWith, folder } = project();
  const pipeline = join(folder, 'pipeline.yaml');
  const greedy = readFileSync(pipeline, 'utf8').replace(
    'params: [letter]',
    'params: [letter]\n    keep: none',
  );
  writeFileSync(pipeline, greedy);
  expect(run('run').code).toBe(0);
  const stop = join(folder, 'stop');
  const loop = `until [ -e '${stop}' ]; do '${process.execPath}' '${bin}' gc --older-than 0h --max-size 0 > /dev/null; done`;
  const gc = spawn('sh', ['-c', loop], { cwd: folder, stdio: 'ignore' });
  const gone = once(gc, 'close');
  onTestFinished(async () => {
    writeFileSync(stop, '');
    await gone;
  });
  for (const letter of ['b', 'c', 'b', 'c', 'b', 'c', 'b', 'c']) {
    const outcome = runWith(letter, 'draw', 'count');
    expect(outcome, outcome.out + outcome.err).toMatchObject({ code: 0 });
    expect(text(folder)).toBe(letter.repeat(3));
  }
});
