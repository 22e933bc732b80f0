import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dep, Pipeline } from '../../../engine/definition/types.ts';
import { edit, Fixture, goodConfig, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

/** `plot` reads `train`; both may get a matrix. `{}` stands for the lines of each. */
function pipelineWith(train: string, plot: string, history = 'train:history'): string {
  const trained = edit(goodPipeline, '    metrics: [history]\n', `    metrics: [history]\n${train}`);
  const plotted = edit(trained, '    params: [plot]\n', `    params: [plot]\n${plot}`);
  return plotted.replace('train:history', history);
}

const grid = '    matrix: { train.lr: [1e-3, 3e-4], model.encoder_name: [resnet18, resnet34] }\n';

async function load(pipeline: string, config = goodConfig): Promise<Pipeline> {
  const loaded = await fixture.load(pipeline, config);
  expect(loaded.faults).toEqual([]);
  if (loaded.pipeline === undefined) throw new Error('no pipeline');
  return loaded.pipeline;
}

function stage(pipeline: Pipeline, name: string) {
  const found = [...pipeline.stages.values()].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${[...pipeline.stages.keys()].join(', ')}`);
  return found;
}

const sourceOf = (dep: Dep | undefined) =>
  dep?.type === 'out'
    ? `${dep.stage}:${dep.out}${dep.sub === undefined ? '' : `/${dep.sub}`}`
    : dep?.type === 'path'
      ? dep.path
      : undefined;

/** Dep name → what it leads to. */
const sources = (pipeline: Pipeline, name: string) =>
  Object.fromEntries(Object.entries(stage(pipeline, name).deps).map(([dep, to]) => [dep, sourceOf(to)]));

describe('a matrix', () => {
  test('makes a member of each combination, in the order of the file, with its own params', async () => {
    const pipeline = await load(pipelineWith(grid, '', 'train@*:history'));
    const members = pipeline.order.filter((name) => name.startsWith('train'));
    expect(members).toEqual([
      'train@lr-0.001-encoder_name-resnet18',
      'train@lr-0.001-encoder_name-resnet34',
      'train@lr-0.0003-encoder_name-resnet18',
      'train@lr-0.0003-encoder_name-resnet34',
    ]);
    const third = stage(pipeline, members[2] ?? '');
    expect(third.member).toEqual({
      of: 'train',
      axes: { 'train.lr': 3e-4, 'model.encoder_name': 'resnet18' },
    });
    expect(third.params).toMatchObject({
      train: { lr: 3e-4, seed: 17, max_epochs: 10 },
      model: { encoder_name: 'resnet18' },
    });
    expect(stage(pipeline, 'plot').member).toBeUndefined();
  });

  test('changes nothing for other stages that read the same key', async () => {
    const other = pipelineWith(grid, '', 'train@*:history').replace(
      'params: [plot]',
      'params: [plot, train.lr]',
    );
    expect(stage(await load(other), 'plot').params['train.lr']).toBe(1e-3);
  });

  test('names a member by the whole key where last words clash, and spells what no file name holds', async () => {
    const config = `${goodConfig.replace('plot: { title: Loss }', '')}plot: { title: Loss, lr: 0 }\nx: { lr: 0 }\n`;
    const axes = "    matrix: { plot.lr: [-1], x.lr: [[1, -2]], plot.title: ['a b/ü', null] }\n";
    const pipeline = await load(
      pipelineWith('', axes).replace('params: [plot]', 'params: [plot, x]'),
      config,
    );
    expect(pipeline.order.filter((name) => name.startsWith('plot'))).toEqual([
      'plot@plot.lr--1-x.lr-1--2-title-a-b--',
      'plot@plot.lr--1-x.lr-1--2-title-null',
    ]);
  });

  test('may set a group that the config leaves to the defaults of the schema', async () => {
    const axes = '    matrix: { train.batch_size: [4, 16] }\n';
    const pipeline = await load(pipelineWith(axes, '', 'train@*:history'));
    expect(stage(pipeline, 'train@batch_size-16').params['train']).toMatchObject({ batch_size: 16 });
  });

  test('may say where an input lies', async () => {
    const pipeline = await load(
      edit(
        goodPipeline,
        '    params: [names, classes]\n',
        '    params: [names, classes]\n    matrix: { dataset.root: [data/a, data/b] }\n',
      ).replace('scan:catalog', 'scan@root-data-b:catalog'),
    );
    expect(sources(pipeline, 'scan@root-data-a')).toEqual({ dataset: 'data/a' });
    expect(sources(pipeline, 'train')).toMatchObject({ data: 'scan@root-data-b:catalog' });
  });
});

describe('a stage below a matrix', () => {
  test('with the same axes is paired member by member, in whatever order they are written', async () => {
    const turned = '    matrix: { model.encoder_name: [resnet34, resnet18], train.lr: [3e-4, 1e-3] }\n';
    const pipeline = await load(pipelineWith(grid, turned));
    expect(sources(pipeline, 'plot@encoder_name-resnet18-lr-0.0003')).toMatchObject({
      history: 'train@lr-0.0003-encoder_name-resnet18:history',
    });
    expect(pipeline.default).toHaveLength(4);
  });

  test('with more axes has several members for each of those above', async () => {
    const pipeline = await load(
      pipelineWith(
        '    matrix: { train.lr: [1e-3, 3e-4] }\n',
        '    matrix: { train.lr: [1e-3, 3e-4], plot.title: [A, B] }\n',
      ),
    );
    for (const title of ['A', 'B']) {
      expect(sources(pipeline, `plot@lr-0.001-title-${title}`)).toMatchObject({
        history: 'train@lr-0.001:history',
      });
    }
  });

  test('reads all members as one folder with an entry each; a file keeps its name', async () => {
    const lr = '    matrix: { train.lr: [1e-3, 3e-4] }\n';
    expect(sources(await load(pipelineWith(lr, '', 'train@*:history')), 'plot')).toEqual({
      'history/lr-0.001/history.jsonl': 'train@lr-0.001:history',
      'history/lr-0.0003/history.jsonl': 'train@lr-0.0003:history',
      code: 'plot.py',
    });
    expect(sources(await load(pipelineWith(lr, '', 'train@*:model')), 'plot')).toMatchObject({
      'history/lr-0.001': 'train@lr-0.001:model',
      'history/lr-0.0003': 'train@lr-0.0003:model',
    });
    expect(sources(await load(pipelineWith(lr, '', 'train@*:model/net.json')), 'plot')).toMatchObject({
      'history/lr-0.001/net.json': 'train@lr-0.001:model/net.json',
    });
  });

  test('reads one member by its name', async () => {
    const pipeline = await load(pipelineWith(grid, '', 'train@lr-0.001-encoder_name-resnet34:model/net'));
    expect(sources(pipeline, 'plot')).toMatchObject({
      history: 'train@lr-0.001-encoder_name-resnet34:model/net',
    });
  });

  test('default names all members, or one', async () => {
    const text = pipelineWith(grid, '', 'train@*:history');
    const named = async (line: string) => (await load(edit(text, 'default: [plot]', line))).default;
    expect(await named('default: [train]')).toHaveLength(4);
    expect(await named('default: [train@lr-0.001-encoder_name-resnet18, plot, train]')).toEqual([
      'train@lr-0.001-encoder_name-resnet18',
      'plot',
      'train@lr-0.001-encoder_name-resnet34',
      'train@lr-0.0003-encoder_name-resnet18',
      'train@lr-0.0003-encoder_name-resnet34',
    ]);
  });
});

const lr = '    matrix: { train.lr: [1e-3, 3e-4] }\n';
const ways = 'Name one as `train@lr-0.001:history`, or take all as one folder with `train@*:history`';

/** What is told; `train`, `plot`, text of the dep `history`, expected faults. Lines 14 and 19 hold the two matrices. */
const wrong: readonly (readonly [string, string, string, string, ...string[]])[] = [
  [
    'members read as if they were one',
    lr,
    '',
    'train:history',
    `ERS_SCHEMA pipeline.yaml:17:22 \`train\` has 2 members, and \`plot\` has no matrix to pair up with them. (and pipeline.yaml:14:5) | ${ways}; or give \`plot\` the same axes.`,
  ],
  [
    'an axis that the stage below lacks',
    grid,
    '    matrix: { train.lr: [1e-3, 3e-4] }\n',
    'train:history',
    'ERS_SCHEMA pipeline.yaml:17:22 `train` has 4 members, and `plot` has no axis `model.encoder_name` to pair up with them. (and pipeline.yaml:14:5) | Name one as `train@lr-0.001-encoder_name-resnet18:history`, or take all as one folder with `train@*:history`; or give `plot` the same axes.',
  ],
  [
    'axes with different values',
    lr,
    '    matrix: { train.lr: [1e-3, 2e-4] }\n',
    'train:history',
    `ERS_SCHEMA pipeline.yaml:19:15 \`plot\` and \`train\` cannot pair up: \`train.lr\` has 0.0002 in only one of them. (and pipeline.yaml:14:15) | Give both the same values. ${ways}.`,
  ],
  [
    'a member that is not there',
    lr,
    '',
    'train@lr-0.01:history',
    'ERS_UNKNOWN_STAGE pipeline.yaml:17:22 `train` has no member `train@lr-0.01`. (and pipeline.yaml:14:5) | Did you mean `lr-0.001`?',
  ],
  [
    'a member of a stage without a matrix',
    '',
    '',
    'train@lr-0.01:history',
    'ERS_UNKNOWN_STAGE pipeline.yaml:16:22 `train` has no matrix, so there is no member `train@lr-0.01`. | Write train:history.',
  ],
  [
    'a key that the config lacks',
    '',
    '    matrix: { plot.titel: [A] }\n',
    'train:history',
    'ERS_UNKNOWN_KEY pipeline.yaml:18:15 The config has no key `plot.titel`. (and config.yaml:18:9) | Did you mean `plot.title`?',
  ],
  [
    'a key that the schema lacks',
    '    matrix: { train.batch_sizes: [4, 8] }\n',
    '',
    'train@*:history',
    'ERS_UNKNOWN_KEY pipeline.yaml:14:15 Unknown key `batch_sizes` in `train`. | Did you mean `batch_size`?',
  ],
  [
    'a key that the stage does not read',
    '',
    '    matrix: { train.seed: [1, 2] }\n',
    'train:history',
    'ERS_UNKNOWN_PARAM pipeline.yaml:18:15 plot does not read `train.seed`, so its members would all be the same. (and pipeline.yaml:17:5) | List `train` in its params, or take the axis out.',
  ],
  [
    'a value that the schema refuses, at its place in the matrix',
    '    matrix: { train.lr: [1e-3, 0], model.encoder_name: [resnet18, resnet43] }\n',
    '',
    'train@*:history',
    'ERS_SCHEMA pipeline.yaml:14:32 `train.lr`: expected a number above 0, got 0 (number). | train.lr: size of a step.',
    'ERS_SCHEMA pipeline.yaml:14:67 `model.encoder_name`: expected one of resnet18, resnet34, got "resnet43" (string). | Did you mean `resnet34`?',
  ],
  [
    'a value twice',
    '    matrix: { train.lr: [1e-3, 3e-4, 0.001] }\n',
    '',
    'train@*:history',
    'ERS_SCHEMA pipeline.yaml:14:38 The axis `train.lr` has one value twice. (and pipeline.yaml:14:26) | Keep one of the two.',
  ],
  [
    'values that differ only by what a name cannot hold',
    '',
    "    matrix: { plot.title: ['a b', a-b, A-B] }\n",
    'train:history',
    'ERS_SCHEMA pipeline.yaml:18:35 Two values of `plot.title` would give members of one name, …@title-a-b, where case and special characters do not count. (and pipeline.yaml:18:28) | Rename one of the two values.',
    'ERS_SCHEMA pipeline.yaml:18:40 Two values of `plot.title` would give members of one name, …@title-A-B, where case and special characters do not count. (and pipeline.yaml:18:28) | Rename one of the two values.',
  ],
  [
    'an axis inside another',
    '    matrix: { train: [1], train.lr: [1] }\n',
    '',
    'train@*:history',
    'ERS_SCHEMA pipeline.yaml:14:27 The axes `train` and `train.lr` set the same values. (and pipeline.yaml:14:15) | Keep one of the two.',
  ],
  [
    'more members than anybody wants',
    '',
    `    matrix: { plot.title: [${Array.from({ length: 1001 }, (_, index) => index).join(', ')}] }\n`,
    'train:history',
    'ERS_SCHEMA pipeline.yaml:18:5 The matrix of plot has 1001 members: at most 1000 are allowed. | Leave out values or an axis.',
  ],
  [
    'a name that no disk holds',
    '',
    `    matrix: { plot.title: [${'x'.repeat(200)}] }\n`,
    'train:history',
    'ERS_SCHEMA pipeline.yaml:18:28 The name of a member would have 211 characters: at most 200 are allowed. | Use shorter values: they make up the name.',
  ],
  [
    'an axis without values',
    '',
    '    matrix: { plot.title: [] }\n',
    'train:history',
    'ERS_SCHEMA pipeline.yaml:18:27 `stages.plot.matrix.plot.title`: expected a list of at least 1 item, got a list of 0 items.',
  ],
  [
    'an axis that is no list',
    '',
    '    matrix: { plot.title: A }\n',
    'train:history',
    'ERS_SCHEMA pipeline.yaml:18:27 `stages.plot.matrix.plot.title`: expected a list of at least 1 item, got "A" (string).',
  ],
  [
    'a member that reads its own stage',
    '',
    '    matrix: { plot.title: [A, B] }\n',
    'plot:plot',
    'ERS_CYCLE pipeline.yaml:16:22 Stages wait for each other in a circle: plot → plot (→ reads from). | Remove one of these deps.',
  ],
];

describe('a fault of a matrix is told with its places', () => {
  test.each(wrong)('%s', async (_, train, plot, history, ...expected) => {
    expect(await fixture.faults(pipelineWith(train, plot, history))).toEqual(expected);
  });
});

test('-S on an axis of all stages that read the key is a fault, and on any other key it counts', async () => {
  const lr = '    matrix: { train.lr: [1e-3, 3e-4] }\n';
  const pipeline = pipelineWith(lr, '', 'train@*:history');
  expect(await fixture.faults(pipeline, goodConfig, ['train.lr=0.1'])).toEqual([
    "ERS_USAGE -S train.lr=0.1 `train.lr` is an axis of train's matrix, which gives it its values: the option would not change it. (and pipeline.yaml:14:15) | Name members, such as train@lr-…, or change the matrix.",
  ]);
  expect(
    await fixture.faults(pipeline, goodConfig, ['train={seed: 3, max_epochs: 2, stop: null, lr: 0.1}']),
  ).toEqual([
    "ERS_USAGE -S train={seed: 3, max_epochs: 2, stop: null, lr: 0.1} `train.lr` is an axis of train's matrix, which gives it its values: the option would not change it. (and pipeline.yaml:14:15) | Name members, such as train@lr-…, or change the matrix.",
  ]);
  expect(await fixture.faults(pipeline, goodConfig, ['train={seed: 3, max_epochs: 2, stop: null}'])).toEqual(
    [],
  );
  expect(await fixture.faults(pipeline, goodConfig, ['train.seed=3'])).toEqual([]);
  const alsoRead = edit(pipeline, 'params: [plot]', 'params: [plot, train.lr]');
  expect(await fixture.faults(alsoRead, goodConfig, ['train.lr=0.1'])).toEqual([]);
});

test('members whose names run together are a fault', async () => {
  const config = `${goodConfig.replace('plot: { title: Loss }', '')}plot: { a: 0, b: 0 }\n`;
  const axes = '    matrix: { plot.a: [x, x-b-y], plot.b: [y-b-z, z] }\n';
  expect(await fixture.faults(pipelineWith('', axes), config)).toEqual([
    'ERS_SCHEMA pipeline.yaml:18:27 Two members would have one name, plot@a-x-b-y-b-z. (and pipeline.yaml:18:24) | Rename one of the two values.',
  ]);
});

test('1000 members that pair up are read in a moment', async () => {
  const values = Array.from({ length: 500 }, (_, index) => index + 1).join(', ');
  const many = `    matrix: { train.seed: [${values}] }\n`;
  const pipeline = await load(pipelineWith(many, many));
  expect(pipeline.stages.size).toBe(1001);
  expect(sources(pipeline, 'plot@seed-77')).toMatchObject({ history: 'train@seed-77:history' });
});
