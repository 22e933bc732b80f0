import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, Project, tempFolder } from './project.ts';

const pipeline = `config: config.yaml
stages:
  train:
    cmd: 'echo {params.optimizer.lr} {params.model.name} > {outs.model}/weights; echo "{ \\"loss\\": "{params.optimizer.lr}" }" > {outs.metrics}'
    params: [optimizer, model]
    matrix: &grid { optimizer.lr: [1e-3, 3e-4], model.name: [small, 'large, wide'] }
    outs: { model: model/, metrics: metrics.json }
    metrics: [metrics]
  evaluate:
    cmd: 'cat {deps.model}/weights > {outs.score}'
    deps: { model: 'train:model' }
    matrix: *grid
    outs: { score: score.txt }
  report:
    cmd: 'cd {deps.scores} && cat */score.txt */../../models/*/weights > "$OLDPWD"/{outs.table}'
    deps: { scores: 'evaluate@*:score', models: 'train@*:model' }
    outs: { table: table.txt }
`;

const members = [
  'lr-0.001-name-small',
  'lr-0.001-name-large--wide',
  'lr-0.0003-name-small',
  'lr-0.0003-name-large--wide',
];

describe('a matrix of commands', () => {
  const project = new Project(tempFolder());
  beforeAll(async () => {
    project.write('pipeline.yaml', pipeline);
    project.write('config.yaml', 'optimizer: { lr: 1 }\nmodel: { name: none }\n');
    const { code, out, err } = await project.ers(['run', '--jobs', '2']);
    expect(code, out + err).toBe(0);
  });

  test('each member has its own values and its own folder, and is paired with its own dependent', () => {
    expect(readdirSync(project.path('artifacts')).sort()).toEqual(
      ['.gitignore', ...members.flatMap((name) => [`evaluate@${name}`, `train@${name}`]), 'report'].sort(),
    );
    expect(project.read('artifacts/train@lr-0.0003-name-large--wide/model/weights')).toBe(
      '0.0003 large, wide\n',
    );
    expect(project.read('artifacts/evaluate@lr-0.001-name-small/score.txt')).toBe('0.001 small\n');
  });

  test('a stage reads all members as folders beside each other', () => {
    const table = project.read('artifacts/report/table.txt').trimEnd().split('\n');
    const each = ['0.0003 large, wide', '0.0003 small', '0.001 large, wide', '0.001 small'];
    expect(table.slice(0, 4)).toEqual(each);
    expect([...new Set(table.slice(4))]).toEqual(each);
  });

  test('commands take the name of the stage for all members, and of a member for one', async () => {
    const run = (...args: readonly string[]) => project.run(...args);
    expect(Object.keys((await run('train')).story).sort()).toEqual(
      members.map((name) => `train@${name}`).sort(),
    );
    expect((await run('evaluate@lr-0.001-name-small')).story).toEqual({
      'train@lr-0.001-name-small': 'cached',
      'evaluate@lr-0.001-name-small': 'cached',
    });
    expect((await run('train@lr-0.001-name-small', '--force', '--only')).story).toEqual({
      'train@lr-0.001-name-small': 'made',
    });
    const why = await project.ers(['why', 'train']);
    expect(why.out.split('\n').filter((line) => line.startsWith('train@'))).toHaveLength(4);
    const { code, err } = await project.ers(['run', 'train@lr-0.01-name-small']);
    expect(code).toBe(2);
    expect(err).toBe(
      'There is no stage `train@lr-0.01-name-small`. [ERS_UNKNOWN_STAGE]\n  Did you mean `train@lr-0.001-name-small`?\n',
    );
    const shown = await project.ers(['show', 'train@lr-0.0003-name-small']);
    expect(shown.out.split('\n')[0]).toMatch(/^train@lr-0.0003-name-small@[0-9a-f]{12} {2}made /);
    const all = await project.ers(['show', 'train']);
    expect(all.out.match(/^train@\S+@[0-9a-f]{12} {2}made /gm)).toHaveLength(4);
  });

  test('why names the member that changed, came or went; the others stay cached', async () => {
    const copy = project.copy();
    copy.write(
      'pipeline.yaml',
      pipeline.replace('[1e-3, 3e-4]', '[1e-3]').replace('[small,', '[small, huge,'),
    );
    const before = await copy.dry();
    expect(before['train@lr-0.001-name-small']).toBe('cached');
    expect(before['train@lr-0.001-name-huge']).toBe('run; never made before');
    const told = await copy.run();
    expect(told.code, told.out).toBe(0);
    expect(told.story).toMatchObject({ 'evaluate@lr-0.001-name-small': 'cached', report: 'made' });
    const report = told.events.find((event) => event.type === 'stage-started' && event.stage === 'report');
    expect(report).toMatchObject({
      reasons: [
        { type: 'dep-removed', dep: 'models/lr-0.0003-name-large--wide' },
        { type: 'dep-removed', dep: 'models/lr-0.0003-name-small' },
        { type: 'dep-added', dep: 'models/lr-0.001-name-huge' },
        { type: 'dep-removed', dep: 'scores/lr-0.0003-name-large--wide/score.txt' },
        { type: 'dep-removed', dep: 'scores/lr-0.0003-name-small/score.txt' },
        { type: 'dep-added', dep: 'scores/lr-0.001-name-huge/score.txt' },
      ],
    });
    copy.write('pipeline.yaml', pipeline.replace('deps.model}/weights', 'deps.model}/weights | tr a-z A-Z'));
    await copy.run();
    expect(copy.read('artifacts/report/table.txt').split('\n')[0]).toBe('0.0003 LARGE, WIDE');
    const refused = await copy.ers(['run', 'report', '-S', 'optimizer.lr=7']);
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 2, out: '' });
    expect(refused.err).toContain("is an axis of train's matrix");
  });
});

test('built-in stages have members too, by the very keys that -S would give', async () => {
  const project = Project.create();
  const [head = ''] = project.read('pipeline.yaml').split('  shards:\n');
  project.write(
    'pipeline.yaml',
    `${head.replace('    params: [split]\n', '    params: [split]\n    matrix: { split.seed: [1, 2] }\n')}  compare:
    cmd: 'cat {deps.splits}/*/split.json > {outs.all}'
    deps: { splits: 'split@*:manifest' }
    outs: { all: all.json }
`,
  );
  // What later stages read is no key of this pipeline.
  const config = project.read('config.yaml');
  const read = ['demo', 'dataset', 'names', 'classes', 'split'];
  const groups = config
    .split(/^(?=\w)/m)
    .filter((group) => read.some((name) => group.startsWith(`${name}:`)));
  project.write('config.yaml', groups.join(''));
  const { code, out, err } = await project.ers(['run']);
  expect(code, out + err).toBe(0);
  const [one, two] = ['1', '2'].map((seed) => project.read(`artifacts/split@seed-${seed}/split.json`));
  expect(one).not.toBe(two);
  expect(readFileSync(project.path('artifacts/compare/all.json'), 'utf8')).toBe(`${one ?? ''}${two ?? ''}`);
  expect(filesBelow(project.path('artifacts', 'split@seed-1'))).toEqual([
    'split.json',
    'test.csv',
    'train.csv',
    'val.csv',
  ]);

  project.write('pipeline.yaml', head);
  const again = await project.dry('split', '-S', 'split.seed=2');
  expect(again['split']).toBe('cached');
});
