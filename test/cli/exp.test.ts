import { chmodSync, cpSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { config, sweepProject, sweepProjectIn, type SweepProject } from './sweep-project.ts';

let made: string;
beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'ers-swept-'));
  const project = sweepProjectIn(made);
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('run', '-S', 'letter=b', '-S', 'size.times=2,3').code).toBe(0);
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** A copy of a project with a plain result and three experiments. */
function swept(): SweepProject {
  const project = sweepProject();
  cpSync(made, project.folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return project;
}

it('exp show ranks experiments and the plain result, and shows only the params that differ', () => {
  const project = swept();
  expect(project.ers('exp', 'show').out.split('\n')).toEqual([
    '  experiment          half            letter  times  loss  score',
    '★ letter-b_times-3  1.5000  ████████       b      3    -3      9',
    '  letter-b_times-2       1  █████░░░       b      2    -2      6',
    '  times-2                1  █████░░░       a      2    -2      6',
    '  current           0.5000  █░░░░░░░       a      1    -1      3',
    'Best first by half (the highest is the best; --sort and --best say otherwise).',
    '',
  ]);
  const first = (...args: readonly string[]) => project.ers('exp', 'show', ...args).out.split('\n')[1];
  expect(first('--sort', 'loss')).toMatch(/^★ letter-b_times-3 +-3 +█{8} /);
  expect(first('--sort', 'score', '--best', 'lowest')).toMatch(/^★ current +3 +█{8} /);
  const wrong = project.ers('exp', 'show', '--sort', 'scroe');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean `score`?')]);
});

it('exp show prints a table for spreadsheets and one value for programs', () => {
  const project = swept();
  const [head, ...rows] = project.ers('exp', 'show', '--csv').out.trimEnd().split('\n');
  expect(head).toBe('name,status,letter,size.times,half,loss,score,commit,started');
  expect(rows.map((row) => row.replace(/,[^,]*$/, ''))).toEqual([
    'letter-b_times-3,done,b,3,1.5,-3,9,',
    'letter-b_times-2,done,b,2,1,-2,6,',
    'times-2,done,a,2,1,-2,6,',
    'current,done,a,1,0.5,-1,3,',
  ]);
  const told = JSON.parse(project.ers('exp', 'show', '--json').out) as unknown;
  expect(told).toMatchObject({
    ...{ metric: 'half', best: 'highest', params: ['letter', 'size.times'] },
    experiments: [
      { name: 'letter-b_times-3', overrides: { letter: 'b', 'size.times': 3 } },
      {},
      {},
      { current: true },
    ],
  });
});

it('a table fits 80 columns, or says what had no room', () => {
  const project = sweepProject();
  project.write(
    'config.yaml',
    `${config}${Array.from({ length: 12 }, (_, at) => `some_long_key_${at}: 1\n`).join('')}`,
  );
  const params = ['letter', ...Array.from({ length: 12 }, (_, at) => `some_long_key_${at}`)].join(', ');
  project.write(
    'pipeline.yaml',
    project.read('pipeline.yaml').replace('params: [letter]', `params: [${params}]`),
  );
  const sets = Array.from({ length: 12 }, (_, at) => ['-S', `some_long_key_${at}=2`]).flat();
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('run', ...sets).code).toBe(0);
  const lines = project.ers('exp', 'show').out.trimEnd().split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines.at(-1)).toMatch(/^No room for \d+ columns: see --json or --csv\.$/);
});

it('exp show NAME has everything, and a name that is none is met with the one that was meant', () => {
  const project = swept();
  const { out } = project.ers('exp', 'show', 'letter-b_times-3');
  expect(out).toMatch(/^letter-b_times-3 {2}done {2}begun \d{4}-\d\d-\d\d \d\d:\d\d UTC, took /);
  expect(out).toMatch(/\noverrides\n {2}letter +b\n {2}size\.times +3\n/);
  expect(out).toMatch(/\n {2}score +[0-9a-f]{12} +in the store +half 1\.5000\n/);
  expect(out).toMatch(/\nparameters\n {2}letter +b\n {2}size\.times +3\n {2}size\.unit +px\n$/);
  const wrong = project.ers('exp', 'show', 'leter-b_times-3');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean `letter-b_times-3`?')]);
});

it('exp diff tells params, metrics with their difference, and why stages differ', () => {
  const project = swept();
  const { out } = project.ers('exp', 'diff', 'times-2', 'letter-b_times-3');
  expect(out).toMatch(/^params +times-2 +letter-b_times-3\nletter +a +b\nsize\.times +2 +3\n\n/);
  expect(out).toMatch(/\nhalf +1 +1\.5000 +\+0\.5000\nloss +-2 +-3 +-1\nscore +6 +9 +\+3\n/);
  expect(out).toMatch(
    /\n {2}draw +\S+ → \S+ +letter a → b\n {2}score +\S+ → \S+ +size\.times 2 → 3, draw:text changed\n$/,
  );
  const current = project.ers('exp', 'diff', 'times-2').out;
  expect(current).toMatch(/^params +times-2 +current\nsize\.times +2 +1\n/);
  expect(current).not.toMatch(/^ {2}draw /m);
  expect(project.ers('exp', 'diff', 'times-2', 'times-2').out).toMatch(
    /^params: the same\n\nmetrics [^]*\nstages: all have one result in both\n$/,
  );
});

it('exp apply changes the values and nothing else of the config; the run after it is all cached', () => {
  const project = swept();
  chmodSync(join(project.folder, 'config.yaml'), 0o600);
  const { code, out } = project.ers('exp', 'apply', 'letter-b_times-3');
  expect(code).toBe(0);
  expect(out).toBe(
    'config.yaml: letter, size.times set as in letter-b_times-3\nNext: npx ers run (2 stages: 2 cached), which only shows the results in artifacts/\n',
  );
  expect(project.read('config.yaml')).toBe(
    '# what is drawn\nletter: b # one letter\n\nsize: { times: 3, unit: px }\n',
  );
  expect(statSync(join(project.folder, 'config.yaml')).mode & 0o777).toBe(0o600);
  expect(project.ers('run').out).toMatch(/2 stages, 2 restored\n$/);
  expect(project.read('artifacts/draw/text.txt')).toBe('bbb');
  expect(project.ers('exp', 'apply', 'letter-b_times-3').out).toMatch(
    /^config\.yaml has the values of .* already\n/,
  );
});

it('exp apply says what would run where the rest of the config is another one now', () => {
  const project = swept();
  project.write('config.yaml', config.replace('letter: a', 'letter: z'));
  const { out } = project.ers('exp', 'apply', 'times-2');
  expect(out).toMatch(
    /\ndraw +run +letter a → z\nscore +maybe .*\nNext: npx ers run \(2 stages: 1 to run, 1 that may follow\)\n$/,
  );
});

it('exp apply refuses a key that is gone, and leaves the config as it is', () => {
  const project = swept();
  const without = config.replace(', unit: px', '').replace('times', 'count');
  project.write('config.yaml', without);
  project.write(
    'pipeline.yaml',
    project.read('pipeline.yaml').replace('{params.size.times}', '{params.size.count}'),
  );
  const { code, err } = project.ers('exp', 'apply', 'times-2');
  expect([code, err]).toEqual([2, expect.stringContaining('The config has no key `size.times`.')]);
  expect(project.read('config.yaml')).toBe(without);
});

it('exp apply writes through a link to the file itself', () => {
  const project = swept();
  project.write('real.yaml', config);
  project.ers('exp', 'rm', '--all');
  symlinkSync('real.yaml', join(project.folder, 'linked.yaml'));
  expect(project.ers('run', '--config', 'linked.yaml', '-S', 'letter=c').code).toBe(0);
  expect(project.experiment('letter-c').config).toBe('linked.yaml');
  expect(project.ers('exp', 'apply', 'letter-c').out).toContain('Next: npx ers run --config linked.yaml (');
  expect(project.read('real.yaml')).toBe(config.replace('letter: a', 'letter: c'));
  expect(project.read('config.yaml')).toBe(config);
});

it('exp rm forgets all of the named ones or none; gc keeps what experiments need until then', () => {
  const project = swept();
  const gc = () => project.ers('gc', '--older-than', '0h', '--max-size', '0').out;
  expect(gc()).toMatch(/\n0 B removed/);
  const wrong = project.ers('exp', 'rm', 'times-2', 'time-2');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean `times-2`?')]);
  expect(project.experiments()).toHaveLength(3);
  expect(project.ers('exp', 'rm').code).toBe(2);
  expect(project.ers('exp', 'rm', 'letter-b_times-2', 'letter-b_times-3').out).toMatch(
    /^2 experiments forgotten: letter-b_times-2, letter-b_times-3\. Their results stay until ers gc\n$/,
  );
  expect(gc()).not.toMatch(/\n0 B removed/);
  expect(project.ers('status', '-S', 'size.times=2').out).toMatch(/^draw +cached .*\nscore +cached/);
  expect(project.ers('status', '-S', 'letter=b').out).toContain('its bytes were collected');
});

it('a damaged file of an experiment is told, keeps gc from removing anything, and can be forgotten', () => {
  const project = swept();
  project.write('.ers/experiments/times-2.json', '{"version": 1, "na');
  for (const args of [
    ['exp', 'show'],
    ['exp', 'show', 'times-2'],
    ['run', '-S', 'letter=c'],
  ]) {
    const { code, err } = project.ers(...args);
    expect([code, err]).toEqual([2, expect.stringContaining('npx ers exp rm times-2')]);
  }
  const gc = project.ers('gc', '--older-than', '0h', '--max-size', '0');
  expect([gc.code, gc.err]).toEqual([2, expect.stringContaining('npx ers exp rm times-2')]);
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('exp', 'rm', 'times-2').code).toBe(0);
  expect(project.ers('exp', 'show').code).toBe(0);
});

it('pin and show know a result by the name of its experiment', () => {
  const project = swept();
  expect(project.ers('pin', 'score@times-2').out).toMatch(/ is pinned: ers gc keeps it\n$/);
  const wrong = project.ers('show', 'score@tims-2');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean `times-2`?')]);
});

it('unpin knows what was pinned by the name of an experiment that was forgotten', () => {
  const project = swept();
  expect(project.ers('pin', 'score@times-2').code).toBe(0);
  expect(project.ers('exp', 'rm', 'times-2').code).toBe(0);
  expect(project.ers('unpin', 'score@times-2').out).toMatch(/^score@[0-9a-f]{8} is no longer pinned\n$/);
  expect(project.ers('unpin', 'score@times-2').code).toBe(2);
});

it('of a param and a metric of one name each has its own column for spreadsheets', () => {
  const project = sweepProject();
  project.write('config.yaml', `${config}score: 1\n`);
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace('[size]', '[size, score]'));
  expect(project.ers('run', '-S', 'score=1,2').code).toBe(0);
  const [head] = project.ers('exp', 'show', '--csv').out.split('\n');
  expect(head).toBe('name,status,param score,half,loss,metric score,commit,started');
});

it('gc says how a damaged file of the project itself is mended', () => {
  const project = swept();
  project.write('.ers/current/draw.json', '{');
  const { code, err } = project.ers('gc');
  expect([code, err]).toEqual([2, expect.stringContaining('A run writes that file anew')]);
  expect(err).not.toContain('gone for good');
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('gc').code).toBe(0);
});
