import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';
import { sweepProject, type SweepProject } from './sweep-project.ts';

const stagesOf = (out: string): readonly string[] =>
  out.split('\n').flatMap((line) => /^(\S+) +made /.exec(line)?.[1] ?? []);

/** Of two experiments the one whose `draw` was made, then the one without. Which is begun first is not said. */
function byResult(project: SweepProject): readonly string[] {
  const made = project.experiments().filter((name) => project.experiment(name).stages['draw']?.key !== null);
  const left = project.experiments().filter((name) => !made.includes(name));
  expect([made.length, left.length]).toEqual([1, 1]);
  return [...made, ...left];
}

it('a run with -S is an experiment: what the plain run shows stays, its own file says what was made', () => {
  const project = sweepProject();
  expect(project.ers('run').code).toBe(0);
  const shown = project.shown();
  const { code, out } = project.ers('run', '-S', 'size.times=2');
  expect(code).toBe(0);
  expect(out).toMatch(/^ers run: experiment times-2, 2 stages: 1 cached, 1 to run\n/);
  expect(out).toMatch(/\ners run: experiment times-2 done\. See: npx ers exp show times-2\n$/);
  expect(project.shown()).toEqual(shown);
  expect(project.experiment('times-2')).toMatchObject({
    version: 1,
    ...{
      name: 'times-2',
      overrides: { 'size.times': 2 },
      config: null,
      targets: [],
      status: 'done',
      git: null,
    },
    stages: {
      draw: { params: { letter: 'a' }, metrics: {}, faults: [] },
      score: { params: { size: { times: 2, unit: 'px' } }, metrics: { score: 6, half: 1, loss: -2 } },
    },
  });
  expect(project.ers('status').out).toMatch(/^draw +cached.*\nscore +cached/);
  expect(project.ers('show', 'score@times-2').out).toMatch(/^ +size\.times +2$/m);
  // The first run of all may be one too.
  const fresh = sweepProject();
  expect(fresh.ers('run', '-S', 'letter=b').code).toBe(0);
  expect(fresh.shown()).toEqual({ links: [null, null], keys: [], lock: null });
});

it('lists make their product; what their members share runs once; --dry says it before', () => {
  const project = sweepProject();
  const sweep = ['-S', 'letter=b,c', '-S', 'size.times=2,3'];
  const dry = project.ers('run', '--dry', ...sweep).out;
  expect(dry.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['draw@letter-b', 'run'],
    ['score@letter-b_times-2', 'maybe'],
    ['score@letter-b_times-3', 'maybe'],
    ['draw@letter-c', 'run'],
    ['score@letter-c_times-2', 'maybe'],
    ['score@letter-c_times-3', 'maybe'],
    ['ers run --dry: 6 stages: 2 to run, 4 that may follow; nothing was changed'],
    [''],
  ]);
  expect(project.experiments()).toEqual([]);
  const { code, out } = project.ers('run', '--jobs', '2', ...sweep);
  expect(code).toBe(0);
  expect(stagesOf(out).toSorted()).toEqual([
    ...['draw@letter-b', 'draw@letter-c'],
    ...['b_times-2', 'b_times-3', 'c_times-2', 'c_times-3'].map((rest) => `score@letter-${rest}`),
  ]);
  expect(out).toMatch(/\ners run: 4 experiments: 4 done\. See: npx ers exp show\n$/);
  expect(out).not.toMatch(/ score {6}score /);
  expect(project.experiments()).toEqual(
    ['b_times-2', 'b_times-3', 'c_times-2', 'c_times-3'].map((rest) => `letter-${rest}`),
  );
  const again = project.ers('run', ...sweep);
  expect(again.out).toContain('4 experiments, 6 stages: 6 cached');
  expect(project.experiments()).toHaveLength(4);
});

it('all faults of all members come before anything starts, each once, with what was meant', () => {
  const project = sweepProject();
  const { code, err } = project.ers('run', '-S', 'leter=b,c', '-S', 'size.tims=2,3', '-S', 'size.times=1');
  expect(code).toBe(2);
  expect(err.match(/ERS_USAGE/g)).toHaveLength(4);
  for (const option of ['leter=b', 'leter=c', 'size.tims=2', 'size.tims=3'])
    expect(err).toContain(`-S ${option} `);
  expect(err).toContain('Did you mean `letter`?');
  expect(err).toContain('Did you mean `size.times`?');
  expect(project.ers('run', '-S', 'letter=a,').err).toContain('-S letter=a, A value of the list is empty.');
  expect(project.experiments()).toEqual([]);
  expect(project.ers('exp', 'show').out).toMatch(/^There are no experiments yet\. /);
});

it('a member that fails stops no other; the exit code is 1, and its file says why', () => {
  const project = sweepProject();
  const { code, out } = project.ers('run', '-S', 'size.times=0,2,3');
  expect(code).toBe(1);
  expect(out).toMatch(/\ners run: 3 experiments: 2 done, 1 failed \(times-0\)\. See: npx ers exp show\n$/);
  expect(project.experiment('times-0')).toMatchObject({
    status: 'failed',
    stages: { score: { key: null, metrics: {}, faults: [expect.stringContaining('exit code 3')] } },
  });
  expect(project.ers('exp', 'show').out).toMatch(/^ {2}times-0 +failed +– +0 +– +–$/m);
  expect(project.ers('exp', 'show', 'times-0').out).toMatch(/^ {2}score: .*exit code 3/m);
  expect(project.ers('exp', 'rm', '--all-failed').out).toMatch(/^1 experiment forgotten: times-0\. /);
  expect(project.experiments()).toEqual(['times-2', 'times-3']);
});

it('names: one may be given, begins those of several, and is refused where it stands for something else', () => {
  const project = sweepProject();
  expect(project.ers('run', '-S', 'letter=b', '--name', 'mine').code).toBe(0);
  expect(project.ers('run', '-S', 'letter=b', '--name', 'mine').code).toBe(0);
  expect(project.ers('run', '-S', 'letter=c,d', '--name', 'mine').code).toBe(0);
  expect(project.experiments()).toEqual(['mine', 'mine-letter-c', 'mine-letter-d']);
  const taken = project.ers('run', '-S', 'letter=c', '--name', 'mine');
  expect([taken.code, taken.err]).toEqual([2, expect.stringContaining('`mine` has other overrides')]);
  const wrong = project.ers('run', '-S', 'letter=c', '--name', '../up');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('`../up` cannot be the name')]);
  // Without other values it is the baseline.
  expect(project.ers('run', '--name', 'base').out).toContain('experiment base done');
  expect(project.experiment('base').overrides).toEqual({});
});

it('commands about one result take no list; a comma may be quoted', () => {
  const project = sweepProject();
  const { code, err } = project.ers('ls', '-S', 'letter=b,c');
  expect(code).toBe(2);
  expect(err).toContain('The lists of -S name several experiments, and this command is about one.');
  expect(project.ers('run', '-S', 'letter="b,c"').code).toBe(0);
  expect(Object.values(project.experiment(project.experiments()[0] ?? '').overrides)).toEqual(['b,c']);
});

it('status and why say what values would make stale, and why knows a stage of an experiment', () => {
  const project = sweepProject();
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  const status = project.ers('status', '-S', 'size.times=2,3').out;
  expect(status).toMatch(
    /^draw +cached .*\nscore@times-2 +cached .*\nscore@times-3 +run +size\.times 1 → 3\n$/,
  );
  const why = project.ers('why', 'score', '-S', 'size.times=2,3').out;
  expect(why).toMatch(/^score@times-2 +cached [^]*\nscore@times-3 +run +size\.times 1 → 3\n/);
  expect(project.ers('why', 'score@times-3', '-S', 'size.times=2,3').out).toMatch(/^score@times-3 +run /);
  project.write('config.yaml', 'letter: b\nsize: { times: 1, unit: px }\n');
  expect(project.ers('why', 'draw@times-2').out).toMatch(/^draw +run +letter a → b\n/);
  const json = JSON.parse(project.ers('why', 'score', '--json', '-S', 'size.times=2,3').out) as unknown;
  expect(json).toMatchObject({ stages: [{ stage: 'score@times-2' }, { stage: 'score@times-3' }] });
});

it('commit and dirty files are recorded inside git', () => {
  const project = sweepProject();
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd: project.folder,
      encoding: 'utf8',
    });
  git('init', '-q');
  git('add', '.');
  expect(git('commit', '-qm', 'first').status).toBe(0);
  project.write('config.yaml', `${project.read('config.yaml')}# more\n`);
  expect(project.ers('run', '-S', 'letter=b').code).toBe(0);
  const commit = git('rev-parse', 'HEAD').stdout.trim();
  expect(project.experiment('letter-b').git).toMatchObject({ commit, dirty: ['config.yaml'], changes: 1 });
  const shown = project.ers('exp', 'show', 'letter-b').out;
  expect(shown).toContain(`commit   ${commit}\n`);
  expect(shown).toContain('changed  1 file: config.yaml\n');
  expect(git('status', '--porcelain', '--', 'config.yaml').stdout).toBe(' M config.yaml\n');
});

it('a run that was killed in the middle is shown as stopped and goes on with the same command', async () => {
  const stage = await stepped();
  const project = sweepProject(stage.cmd({ text: '{outs.text}' }));
  const sweep = ['run', '--jobs', '1', '-S', 'letter=b,c'];
  const running = startErs(project.folder, sweep);
  const first = await stage.started();
  await first.write('text', 'bbb');
  await first.finish();
  await stage.started();
  running.kill('SIGKILL');
  await running.ended;
  const [done = '', left = ''] = byResult(project);
  expect(project.ers('exp', 'show').out).toMatch(new RegExp(`${left} +stopped`));
  const again = startErs(project.folder, sweep);
  const second = await stage.started();
  await second.write('text', 'ccc');
  await second.finish();
  expect(await again.ended).toEqual({ code: 0, signal: null });
  expect(again.lines).toContainEqual(expect.stringMatching(new RegExp(`^draw@${done} +cached`)));
  expect(stage.starts).toBe(3);
  expect(project.experiments().map((name) => project.experiment(name).status)).toEqual(['done', 'done']);
});

it('Ctrl-C stops all members; what was made stands, and the same command goes on', async () => {
  const stage = await stepped();
  const project = sweepProject(stage.cmd({ text: '{outs.text}' }));
  const running = startErs(project.folder, ['run', '--jobs', '1', '-S', 'letter=b,c']);
  const first = await stage.started();
  await first.write('text', 'bbb');
  await first.finish();
  await stage.started();
  running.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect(running.lines.at(-2)).toContain('. The same command goes on from here');
  const [, left = ''] = byResult(project);
  expect(project.experiment(left).status).toBe('stopped');
  expect(project.ers('exp', 'rm', '--all-stopped').code).toBe(0);
});

it('two runs at once that share a member make it once, and both end well', async () => {
  const stage = await stepped();
  const project = sweepProject(stage.cmd({ text: '{outs.text}' }));
  const one = startErs(project.folder, ['run', '-S', 'letter=b']);
  const life = await stage.started();
  const other = startErs(project.folder, ['run', '-S', 'letter=b', '-S', 'size.times=2,3']);
  await other.until('waiting');
  expect(project.ers('exp', 'rm', 'letter-b').err).toContain('The experiment `letter-b` is running.');
  await life.write('text', 'bbb');
  await life.finish();
  expect([(await one.ended).code, (await other.ended).code]).toEqual([0, 0]);
  expect(stage.starts).toBe(1);
  const statuses = project.experiments().map((name) => [name, project.experiment(name).status]);
  expect(statuses).toEqual([
    ['letter-b', 'done'],
    ['letter-b_times-2', 'done'],
    ['letter-b_times-3', 'done'],
  ]);
});

it('after a run of some stages with another config no older metric stands beside the new params', () => {
  const project = sweepProject();
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  expect(project.ers('run').code).toBe(0);
  project.write('config.yaml', project.read('config.yaml').replace('letter: a', 'letter: b'));
  expect(project.ers('run', 'draw', '-S', 'size.times=2').code).toBe(0);
  expect(project.ers('run', 'draw').code).toBe(0);
  expect(project.experiment('times-2').stages).toMatchObject({
    draw: { params: { letter: 'b' } },
    score: { outdated: true, metrics: { score: 6 } },
  });
  const { out } = project.ers('exp', 'show');
  expect(out).not.toMatch(/ 6$/m);
  // Nothing heads or ranks what is all outdated.
  expect(out).toMatch(
    /^ {2}experiment\n {2}current\n {2}times-2\nNothing to rank by: no metric that is not outdated\.\n/,
  );
  expect(out).toContain('times-2 without score: made from other results than those shown.\n');
  expect(out).toContain('current without score: made from other results than those shown.\n');
  const told = JSON.parse(project.ers('exp', 'show', '--json').out) as unknown;
  const row = { metrics: {}, params: { letter: 'b' }, outdated: ['score'] };
  expect(told).toMatchObject({
    metric: null,
    experiments: [
      { name: 'current', ...row },
      { name: 'times-2', ...row },
    ],
  });
  const diff = project.ers('exp', 'diff', 'times-2').out;
  expect(diff).toMatch(/\nmetrics: none\n/);
  expect(diff).toMatch(
    /\ntimes-2 without score: made .*\ncurrent without score: made from other results than those shown\.\n$/,
  );
  expect(JSON.parse(project.ers('exp', 'diff', 'times-2', '--json').out)).toMatchObject({
    ...{ metrics: [], outdated: { a: ['score'], b: ['score'] } },
  });
  const one = project.ers('exp', 'show', 'times-2').out;
  expect(one).toContain('of before: made from other results than those above it');
  expect(one).not.toMatch(/\nmetrics\n/);
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  expect(project.ers('exp', 'show').out).toMatch(/\n★ times-2 +1 .*\n {2}current +outdated .*\n/);
  expect(project.ers('exp', 'diff', 'times-2').out).toMatch(/\nhalf +1 +outdated +–\n/);
  expect(project.ers('exp', 'show', 'times-2').out).toMatch(
    /\n {2}score +half +1\n +loss +-2\n +score +6\n[^]*\n {2}letter +b\n/,
  );
});

it('a frozen stage of an experiment has the params that its result was made with', () => {
  const project = sweepProject();
  expect(project.ers('run').code).toBe(0);
  project.write(
    'pipeline.yaml',
    project.read('pipeline.yaml').replace('  draw:\n', '  draw:\n    frozen: true\n'),
  );
  expect(project.ers('run', '-S', 'letter=b', '-S', 'size.times=2').code).toBe(0);
  expect(project.experiment('letter-b_times-2').stages['draw']?.params).toEqual({ letter: 'a' });
  const { out } = project.ers('exp', 'show');
  expect(out).toMatch(/^ {2}experiment +half +times +loss +score$/m);
});

it('a member of a matrix shows its own value of an axis', () => {
  const project = sweepProject();
  const pipeline = project.read('pipeline.yaml');
  project.write(
    'pipeline.yaml',
    pipeline
      .replace('  draw:\n', '  draw:\n    matrix: { letter: [a, b] }\n')
      .replace('  score:\n', '  score:\n    matrix: { letter: [a, b] }\n'),
  );
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  const told = JSON.parse(project.ers('exp', 'show', '--json').out) as unknown;
  expect(told).toMatchObject({
    experiments: [
      {
        params: { 'draw@letter-a:letter': 'a', 'draw@letter-b:letter': 'b', 'size.times': 2 },
        metrics: { 'score@letter-a:score': 6, 'score@letter-b:score': 6 },
      },
    ],
  });
});

it('an experiment that is begun again and stopped keeps what it had', async () => {
  const stage = await stepped();
  const project = sweepProject(stage.cmd({ text: '{outs.text}' }));
  const begin = () => startErs(project.folder, ['run', '-S', 'size.times=2']);
  const first = begin();
  const life = await stage.started();
  await life.write('text', 'aaa');
  await life.finish();
  expect((await first.ended).code).toBe(0);
  const { stages } = project.experiment('times-2');
  project.write('config.yaml', project.read('config.yaml').replace('letter: a', 'letter: b'));
  const again = begin();
  await stage.started();
  again.kill('SIGINT');
  expect((await again.ended).code).toBe(130);
  expect(project.experiment('times-2')).toMatchObject({ status: 'stopped', stages });
  expect(stages['score']?.metrics).toMatchObject({ score: 6 });
});

it('equal overrides are one experiment whatever else the config holds', () => {
  const project = sweepProject();
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  project.write('config.yaml', `${project.read('config.yaml')}wait: { times: 1 }\n`);
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace('[letter]', '[letter, wait]'));
  expect(project.ers('run', '-S', 'size.times=2').out).toContain('experiment times-2 done');
  expect(project.ers('run', '-S', 'size.times=3').out).toContain('experiment size.times-3 done');
  expect(project.experiments()).toEqual(['size.times-3', 'times-2']);
});

it('equal overrides of another config file are another experiment', () => {
  const project = sweepProject();
  project.write('other.yaml', project.read('config.yaml').replace('letter: a', 'letter: b'));
  expect(project.ers('run', '-S', 'size.times=2').code).toBe(0);
  expect(project.ers('run', '--config', 'config.yaml', '-S', 'size.times=2').code).toBe(0);
  expect(project.experiments()).toEqual(['times-2']);
  for (let time = 0; time < 2; time += 1) {
    const other = project.ers('run', '--config', 'other.yaml', '-S', 'size.times=2');
    expect(other.code).toBe(0);
    expect(other.out).toMatch(/ See: npx ers exp show times-2-\S+ --config other\.yaml\n$/);
    expect(project.experiments()).toEqual(['times-2', expect.stringMatching(/^times-2-[0-9a-f]{6}$/)]);
  }
  const wanted = project.ers('run', '--config', 'other.yaml', '-S', 'size.times=2', '--name', 'times-2');
  expect([wanted.code, wanted.err]).toEqual([
    2,
    expect.stringContaining("was made with the pipeline's own config, this one is with other.yaml"),
  ]);
});
