import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { orphansOf } from '../../cache/orphans.ts';
import { comesAbout } from '../comes-about.ts';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';
import { isStopped } from '../stopped.ts';
import { ers } from './project.ts';
import { tempFolder } from '../temp-folder.ts';

/** A stage as a line of pipeline.yaml: writes its own name to the diary, and its inputs and a word to its out. */
function stage(diary: string, name: string, word: string, deps: readonly string[] = []): string {
  const read = deps.map((dep) => `{deps.${dep}}`).join(' ');
  const cmd = `echo ${name} >> ${diary}; ${read === '' ? '' : `cat ${read} > {outs.out}; `}echo ${word} >> {outs.out}`;
  const inputs = deps.map((dep) => `${dep}: '${dep}:out'`).join(', ');
  return `  ${name}: { cmd: ${JSON.stringify(cmd)}, deps: { ${inputs} }, outs: { out: out.txt } }\n`;
}

it('of eight runs at once each stage is made once, and all eight end with the right artifacts', async () => {
  const folder = tempFolder();
  const diary = join(folder, 'diary');
  const stages = [
    stage(diary, 'a', 'a'),
    stage(diary, 'b', 'b'),
    stage(diary, 'c', 'c', ['a']),
    stage(diary, 'd', 'd', ['a', 'b']),
    stage(diary, 'e', 'e', ['c', 'd']),
  ];
  writeFileSync(join(folder, 'pipeline.yaml'), `stages:\n${stages.join('')}default: [e]\n`);
  // A fresh checkout builds itself now, once.
  expect(ers(folder, ['status']).code).toBe(0);
  const runs = Array.from({ length: 8 }, () => startErs(folder, ['run']));
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  expect(ends.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0));
  expect(readFileSync(diary, 'utf8').trim().split('\n').toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  const outOf = (name: string) => readFileSync(join(folder, 'artifacts', name, 'out.txt'), 'utf8');
  expect([outOf('c'), outOf('d'), outOf('e')]).toEqual(['a\nc\n', 'a\nb\nd\n', 'a\nc\na\nb\nd\ne\n']);
  expect(readdirSync(join(folder, '.ers/attempts'))).toEqual([]);
  expect(ers(folder, ['run']).out).toContain('5 stages, 5 cached');
});

it('two projects on one store make what they share once, and gc of one takes nothing from the other', async () => {
  const folder = tempFolder();
  const shared = await stepped();
  const common = `  common: { cmd: ${JSON.stringify(shared.cmd({ out: '{outs.out}' }))}, outs: { out: out.txt } }\n`;
  const diary = join(folder, 'diary');
  const env = { ERS_STORE: join(folder, 'store') };
  const [one, two] = ['one', 'two'].map((name) => {
    const project = join(folder, name);
    mkdirSync(project);
    const own = stage(diary, 'own', name, ['common']);
    writeFileSync(join(project, 'pipeline.yaml'), `stages:\n${common}${own}default: [own]\n`);
    return project;
  }) as [string, string];
  const first = startErs(one, ['run'], env);
  const life = await shared.started();
  const second = startErs(two, ['run'], env);
  expect(await second.until(`process ${first.pid} on `)).toMatch(
    /waiting +made by process \d+ on \S+ since .* UTC/,
  );
  await life.write('out', 'common\n');
  await life.finish();
  expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0]);
  expect(shared.starts).toBe(1);
  const outOf = (project: string) => readFileSync(join(project, 'artifacts/own/out.txt'), 'utf8');
  expect([outOf(one), outOf(two)]).toEqual(['common\none\n', 'common\ntwo\n']);

  rmSync(join(one, '.ers/current'), { recursive: true });
  expect(ers(one, ['gc', '--max-size', '0'], env).code).toBe(0);
  expect(existsSync(join(one, 'artifacts/own/out.txt'))).toBe(false);
  expect(outOf(two)).toBe('common\ntwo\n');
  expect(ers(two, ['run'], env).out).toContain('2 stages, 2 cached');
});

it('Ctrl-C leaves no process behind, be it deaf to SIGTERM or in a session of its own', async () => {
  const folder = tempFolder();
  const deaf = await stepped();
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:\n  deaf: { cmd: ${JSON.stringify(deaf.cmd())}, outs: { out: out.txt } }\n`,
  );
  const running = startErs(folder, ['run']);
  const life = await deaf.started();
  await life.holdSignals();
  await life.shell(`setsid sh -c "trap '' TERM INT HUP; sleep 300" > /dev/null 2>&1 &`);
  await life.shell('sleep 300 > /dev/null 2>&1 &');
  expect(orphansOf(life.attempt).length).toBeGreaterThanOrEqual(3);
  running.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect([...orphansOf(life.attempt)]).toEqual([]);
});

it.each(['link:written#1', 'link:written#2', 'link:there#2'])(
  'a run that stood still at %s while another showed its results with another config leaves these in their place',
  async (point) => {
    const folder = tempFolder();
    const a = `  a: { cmd: "echo {params.x} > {outs.out}", params: [x], outs: { out: out.txt } }\n`;
    const b = stage(join(folder, 'diary'), 'b', 'b', ['a']);
    writeFileSync(join(folder, 'pipeline.yaml'), `config: config.yaml\nstages:\n${a}${b}default: [b]\n`);
    writeFileSync(join(folder, 'config.yaml'), 'x: one\n');
    const slow = startErs(folder, ['run', '--plain'], { ERS_TEST_STOP_AT: point });
    const said = slow.ended.then(() => slow.lines.join('\n'));
    await comesAbout(() => isStopped(slow.pid), said);
    writeFileSync(join(folder, 'config.yaml'), 'x: two\n');
    expect(ers(folder, ['run']).code).toBe(0);
    const files = ['pipeline.lock', '.ers/current/b.json', 'artifacts/a/out.txt', 'artifacts/b/out.txt'];
    const shown = () => files.map((name) => readFileSync(join(folder, name), 'utf8'));
    const theirs = shown();
    expect(theirs.slice(2)).toEqual(['two\n', 'two\nb\n']);
    slow.kill('SIGCONT');
    expect((await slow.ended).code).toBe(0);
    expect(shown()).toEqual(theirs);
    expect(slow.lines.join('\n')).toContain('another run has shown other results in artifacts/');
    expect(slow.lines.join('\n')).not.toContain('cannot be written');
  },
);
