import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPipeline } from '../../../engine/definition/load.ts';
import type { StageName } from '../../../engine/definition/types.ts';
import { edit, Fixture, goodConfig, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

describe('a pipeline without a fault', () => {
  test('becomes stages in order, with edges, kinds of outs and the default', async () => {
    const { root, pipeline } = await fixture.load();
    expect(pipeline?.order).toEqual(['scan', 'train', 'plot']);
    expect(pipeline?.default).toEqual(['plot']);
    expect(pipeline?.root).toBe(root);
    expect(pipeline?.store).toBe(join(root, '.ers'));
    const scan = pipeline?.stages.get('scan' as StageName);
    expect(scan?.deps['dataset']).toEqual({
      type: 'path',
      path: 'data/mine',
      place: { file: join(root, 'config.yaml'), line: 2, column: 9 },
    });
    const train = pipeline?.stages.get('train' as StageName);
    expect(Object.keys(train?.deps ?? {})).toEqual(['data']);
    expect(train?.deps['data']).toMatchObject({ type: 'out', stage: 'scan', out: 'catalog' });
    expect(train?.outs).toMatchObject({
      model: { path: 'model', kind: 'folder', place: { line: 12, column: 20 } },
      history: { path: 'history.jsonl', kind: 'file', place: { line: 12, column: 37 } },
    });
    expect(train?.program).toMatchObject({
      type: 'uses',
      definition: { name: 'train', runtime: 'tensorflow' },
    });
    expect(pipeline?.stages.get('plot' as StageName)?.outs).toMatchObject({
      plot: { path: 'plot.png', kind: 'any', place: { line: 18, column: 19 } },
    });
  });

  test('fills in defaults and leaves locations out of the params', async () => {
    const { pipeline } = await fixture.load();
    const params = pipeline?.stages.get('train' as StageName)?.params;
    expect(params).toEqual({
      model: { encoder_name: 'resnet34', decoder_channels: [256, 128, 64, 32, 16] },
      train: { seed: 17, max_epochs: 10, lr: 0.001, stop: null, batch_size: 8 },
    });
  });

  test('keeps an optional input that the config gives', async () => {
    const config = edit(goodConfig, 'encoder_weights: null', 'encoder_weights: weights/');
    const { pipeline } = await fixture.load(goodPipeline, config);
    const train = pipeline?.stages.get('train' as StageName);
    expect(train?.deps['encoder']).toMatchObject({ type: 'path', path: 'weights' });
    expect(train?.params['model']).not.toHaveProperty('encoder_weights');
  });

  test('makes the stages that nobody reads from when it has no default', async () => {
    const { pipeline } = await fixture.load(edit(goodPipeline, 'default: [plot]\n', ''));
    expect(pipeline?.default).toEqual(['plot']);
  });

  test('has its store where the file or ERS_STORE says', async () => {
    const pipeline = `${goodPipeline}store: ../store\n`;
    const inFile = await fixture.load(pipeline);
    expect(inFile.pipeline?.store).toBe(join(inFile.root, '..', 'store'));
    const inEnvironment = await fixture.load(pipeline, goodConfig, [], { ERS_STORE: '/shared/store' });
    expect(inEnvironment.pipeline?.store).toBe('/shared/store');
  });

  test('takes edges from the config, with a path inside a folder', async () => {
    const config = edit(
      goodConfig,
      'encoder_weights: null',
      'encoder_weights: other:weights//./best/net.bin',
    );
    const pipeline = edit(
      goodPipeline,
      'default:',
      '  other:\n    cmd: [make]\n    outs: { weights: w/ }\ndefault:',
    );
    const loaded = await fixture.load(pipeline, config);
    expect(loaded.pipeline?.order).toEqual(['scan', 'other', 'train', 'plot']);
    expect(loaded.pipeline?.stages.get('train' as StageName)?.deps['encoder']).toMatchObject({
      stage: 'other',
      out: 'weights',
      sub: 'best/net.bin',
    });
  });

  test.each([
    ['train.batch_size=4', 'train', { batch_size: 4 }],
    ['train.lr=3e-4', 'train', { lr: 0.0003 }],
    ['model.decoder_channels=[1, 2, 3, 4, 5]', 'model', { decoder_channels: [1, 2, 3, 4, 5] }],
    ['train.stop=null', 'train', { stop: null }],
  ])('is changed by -S %s', async (option, group, expected) => {
    const { pipeline } = await fixture.load(goodPipeline, goodConfig, [option]);
    expect(pipeline?.stages.get('train' as StageName)?.params[group]).toMatchObject(expected);
  });

  test('is changed by -S inside a list', async () => {
    const { pipeline } = await fixture.load(goodPipeline, goodConfig, ['classes.1.name=lake']);
    const classes = pipeline?.stages.get('scan' as StageName)?.params['classes'];
    expect(classes).toEqual([
      { value: 0, name: 'land' },
      { value: 1, name: 'lake' },
    ]);
  });
});

/** [what, text replaced, replacement, faults]. */
type Row = readonly [string, string, string, ...string[]];

const wrongPipelines: readonly Row[] = [
  [
    'an unknown built-in stage',
    'uses: train',
    'uses: trian',
    'ERS_UNKNOWN_USES pipeline.yaml:9:11 There is no built-in stage `trian`. | Did you mean `train`?',
  ],
  [
    'a misspelt key',
    'uses: scan',
    'use: scan',
    'ERS_UNKNOWN_KEY pipeline.yaml:4:5 Unknown key `use` in `stages.scan`. | Did you mean `uses`?',
  ],
  [
    'both programs',
    'cmd: [',
    'uses: scan\n    cmd: [',
    'ERS_SCHEMA pipeline.yaml:14:3 plot says both `uses` and `cmd`. | `uses` names a built-in stage or a file of yours, `cmd` any program.',
  ],
  [
    'a misspelt param',
    'params: [model, train]',
    'params: [model, trian]',
    'ERS_UNKNOWN_PARAM pipeline.yaml:11:21 train reads no param `trian`. | Did you mean `train`?',
  ],
  [
    'a missing param',
    'params: [model, train]',
    'params: [model]',
    'ERS_UNKNOWN_PARAM pipeline.yaml:11:5 train reads `train`: list it in params. | params: [model, train]',
  ],
  [
    'a param that the config lacks',
    'params: [plot]',
    'params: [plot, train.sed]',
    'ERS_UNKNOWN_PARAM pipeline.yaml:17:20 The config has no key `train.sed`. (and config.yaml:14:3) | Did you mean `train.seed`?',
  ],
  [
    'a param twice',
    'params: [plot]',
    'params: [plot, plot]',
    'ERS_SCHEMA pipeline.yaml:17:14 `stages.plot.params`: the same item stands twice. (and pipeline.yaml:17:20)',
  ],
  [
    'a location as a param',
    'params: [plot]',
    'params: [dataset.root, plot]',
    'ERS_UNKNOWN_PARAM pipeline.yaml:17:14 `dataset.root` says where an input lies: it cannot be a param too. | The content of an input counts by itself.',
  ],
  [
    'an edge to an unknown stage',
    'scan:catalog',
    'scna:catalog',
    'ERS_UNKNOWN_STAGE pipeline.yaml:10:19 There is no stage `scna`. | Did you mean `scan`?',
  ],
  [
    'a path that looks like an edge',
    'code: plot.py',
    "code: 'http://x'",
    'ERS_UNKNOWN_STAGE pipeline.yaml:16:45 There is no stage `http`. | A path that holds a colon is written ./http://x',
  ],
  [
    'an edge to an unknown out',
    'scan:catalog',
    'scan:catalogue',
    'ERS_UNKNOWN_OUT pipeline.yaml:10:19 The stage `scan` has no out `catalogue`. | Did you mean `catalog`?',
  ],
  [
    'an edge into a file',
    'scan:catalog',
    'scan:catalog/x',
    'ERS_UNKNOWN_OUT pipeline.yaml:10:19 The out scan:catalog is a file: there is no x inside it.',
  ],
  [
    'an edge out of an out',
    "history: 'train:history'",
    "history: 'train:model/../x'",
    'ERS_UNKNOWN_OUT pipeline.yaml:16:22 The path ../x leaves the out by ..',
  ],
  [
    'a cycle',
    'scan:catalog',
    'plot:plot',
    'ERS_CYCLE pipeline.yaml:10:19 Stages wait for each other in a circle: train → plot → train (→ reads from). (and pipeline.yaml:16:22) | Remove one of these deps.',
  ],
  [
    'an unknown default',
    'default: [plot]',
    'default: [plto]',
    'ERS_UNKNOWN_STAGE pipeline.yaml:19:11 There is no stage `plto`. | Did you mean `plot`?',
  ],
  [
    'equal outs',
    '{ plot: plot.png }',
    '{ plot: plot.png, b: ./PLOT.png }',
    'ERS_OUT_CLASH pipeline.yaml:18:32 The outs `plot` and `b` are the same path: plot.png and PLOT.png. (and pipeline.yaml:18:19) | Give each out a path of its own; case does not tell paths apart.',
  ],
  [
    'nested outs',
    '{ plot: plot.png }',
    '{ plot: plot/, b: plot/c.png }',
    'ERS_OUT_CLASH pipeline.yaml:18:29 The outs `plot` and `b` lie inside one another: plot and plot/c.png. (and pipeline.yaml:18:19) | Give each out a path of its own; case does not tell paths apart.',
  ],
  [
    'an absolute out',
    'plot.png }',
    '/abs }',
    'ERS_OUT_PATH pipeline.yaml:18:19 The out /abs is an absolute path. | Write a relative path, for example model/ or table.csv.',
  ],
  [
    'an out that climbs',
    'plot.png }',
    'a/../../b }',
    "ERS_OUT_PATH pipeline.yaml:18:19 The out a/../../b leaves the stage's folder by .. | Write a relative path, for example model/ or table.csv.",
  ],
  [
    'an empty out',
    'plot.png }',
    "'' }",
    'ERS_OUT_PATH pipeline.yaml:18:19 The out is empty. | Write a relative path, for example model/ or table.csv.',
  ],
  [
    'the folder itself as an out',
    'plot.png }',
    './ }',
    'ERS_OUT_PATH pipeline.yaml:18:19 The out is empty. | Write a relative path, for example model/ or table.csv.',
  ],
  [
    'a reference in an out',
    'plot.png }',
    "'${plot.title}' }",
    'ERS_OUT_PATH pipeline.yaml:18:19 An out is a fixed path: `${…}` works in deps. | Write a relative path, for example model/ or table.csv.',
  ],
  [
    'a file out with a slash',
    'history: history.jsonl',
    'history: history.jsonl/',
    'ERS_OUT_PATH pipeline.yaml:12:37 The out history.jsonl/ is a file: it has no slash at its end. | Remove the slash.',
  ],
  [
    'a misspelt out',
    'model: model/',
    'modle: model/',
    'ERS_UNKNOWN_OUT pipeline.yaml:12:13 train makes no out `modle`. | Did you mean `model`?',
  ],
  [
    'a misspelt metric',
    'metrics: [history]',
    'metrics: [histry]',
    'ERS_UNKNOWN_OUT pipeline.yaml:13:15 train has no out `histry` to take metrics from. | Did you mean `history`?',
  ],
  [
    'a placeholder without its dep',
    '{deps.history}',
    '{deps.histry}',
    "ERS_SCHEMA pipeline.yaml:15:29 {deps.histry}: the stage's deps have no `histry`. | Did you mean `history`?",
  ],
  [
    'a misspelt placeholder',
    '{deps.history}',
    '{dep.history}',
    'ERS_SCHEMA pipeline.yaml:15:29 {dep.history} is no placeholder. | Did you mean {deps.history}?',
  ],
  [
    'a misspelt input',
    "dataset: '${dataset.root}'",
    "datset: '${dataset.root}'",
    'ERS_SCHEMA pipeline.yaml:5:13 scan has no input `datset`. | Did you mean `dataset`?',
  ],
  [
    'a reference that is not closed',
    '${dataset.root}',
    '${dataset.root',
    'ERS_SCHEMA pipeline.yaml:5:23 A reference opens here and is not closed. | Write `${key}` or `${group.key}`, braces included.',
  ],
  [
    'a reference to a missing key',
    '${dataset.root}',
    '${dataset.rot}',
    'ERS_UNKNOWN_KEY pipeline.yaml:5:23 The config has no key `dataset.rot`. (and config.yaml:2:3) | Did you mean `dataset.root`?',
  ],
  [
    'stage names that one folder would share',
    '  plot:\n    cmd',
    '  Train:\n    cmd',
    'ERS_OUT_CLASH pipeline.yaml:14:3 The stages `train` and `Train` share one folder where case does not count. (and pipeline.yaml:8:3) | Rename one of them.',
    'ERS_UNKNOWN_STAGE pipeline.yaml:19:11 There is no stage `plot`. | There is: scan, train, Train.',
  ],
  [
    'a stage twice',
    '  plot:\n',
    '  train:\n',
    'ERS_YAML pipeline.yaml:14:3 The key `train` stands twice. (and pipeline.yaml:8:3) | Keep one of the two.',
  ],
  [
    'a wrong type',
    'default: [plot]',
    'default: plot',
    'ERS_SCHEMA pipeline.yaml:19:10 `default`: expected a list of at least 1 item, each text that is not empty, got "plot" (string).',
  ],
  [
    'a bad stage name',
    '  plot:\n',
    '  p lot:\n',
    'ERS_SCHEMA pipeline.yaml:14:3 `p lot` is no name: expected letters, digits, _ and -, with a letter first.',
    'ERS_UNKNOWN_STAGE pipeline.yaml:19:11 There is no stage `plot`. | Did you mean `p lot`?',
  ],
  [
    'a missing config',
    'config: config.yaml',
    'config: conf.yaml',
    'ERS_USAGE pipeline.yaml:1:9 There is no conf.yaml, which the pipeline names as its config. | Write it, or give another one with --config.',
  ],
  [
    'a config by an absolute path',
    'config: config.yaml',
    'config: /no/conf.yaml',
    'ERS_USAGE pipeline.yaml:1:9 There is no /no/conf.yaml, which the pipeline names as its config. | Write it, or give another one with --config.',
  ],
  [
    'a tab',
    'stages:',
    '\tstages:',
    'ERS_YAML pipeline.yaml:2:1 Tabs are not allowed as indentation. | Indent with spaces.',
  ],
  [
    'a negative resource',
    'params: [plot]',
    'params: [plot]\n    resources: { gpu: -1 }',
    'ERS_SCHEMA pipeline.yaml:18:23 `stages.plot.resources.gpu`: expected an integer of at least 0, got -1 (number).',
  ],
];

describe('a fault in pipeline.yaml is told with its place', () => {
  test.each(wrongPipelines)('%s', async (_, from, to, ...expected) => {
    expect(await fixture.faults(edit(goodPipeline, from, to))).toEqual(expected);
  });

  test('placeholders inside quotes of a shell line, at their columns', async () => {
    const line = '    cmd: python "{deps.history}" {outs.plot} ${deps.code}';
    const pipeline = goodPipeline.replace(/^ {4}cmd: .*$/m, () => line);
    expect(await fixture.faults(pipeline)).toEqual([
      'ERS_SCHEMA pipeline.yaml:15:18 {deps.history} stands inside double quotes: it becomes a quoted word by itself. | Take it out of the quotes, or write cmd as a list.',
      'ERS_SCHEMA pipeline.yaml:15:47 {deps.code} stands after $, which would change its meaning. | Write {deps.code} alone.',
    ]);
  });

  test('a placeholder in a block of several lines, at its own line', async () => {
    const block = "    cmd: |\n      set -e\n      echo '{deps.code}'\n      cp {deps.code} {outs.plot}";
    const pipeline = goodPipeline.replace(/^ {4}cmd: .*$/m, () => block);
    expect(await fixture.faults(pipeline)).toEqual([
      'ERS_SCHEMA pipeline.yaml:17:13 {deps.code} stands inside single quotes: it becomes a quoted word by itself. | Take it out of the quotes, or write cmd as a list.',
    ]);
  });

  test("braces that are the program's own are left alone", async () => {
    const line = `    cmd: "awk '{print $1}' {deps.history} > {outs.plot}"`;
    const pipeline = goodPipeline.replace(/^ {4}cmd: .*$/m, () => line);
    expect(await fixture.faults(pipeline)).toEqual([]);
  });

  test('two separate circles are two faults', async () => {
    const config = edit(goodConfig, 'root: data/mine', 'root: scan:catalog');
    const faults = await fixture.faults(edit(goodPipeline, 'scan:catalog', 'plot:plot'), config);
    expect(faults.map((fault) => fault.split(' (')[0])).toEqual([
      'ERS_CYCLE pipeline.yaml:10:19 Stages wait for each other in a circle: train → plot → train',
      'ERS_CYCLE config.yaml:2:9 Stages wait for each other in a circle: scan → scan',
    ]);
  });
});

const wrongConfigs: readonly Row[] = [
  [
    'a text for a number',
    'max_epochs: 10',
    'max_epochs: abc',
    'ERS_SCHEMA config.yaml:15:15 `train.max_epochs`: expected an integer of at least 1, got "abc" (string).',
  ],
  [
    'a number out of range',
    'max_epochs: 10',
    'max_epochs: 0',
    'ERS_SCHEMA config.yaml:15:15 `train.max_epochs`: expected an integer of at least 1, got 0 (number).',
  ],
  [
    'a fraction for an integer',
    'max_epochs: 10',
    'max_epochs: 1.5',
    'ERS_SCHEMA config.yaml:15:15 `train.max_epochs`: expected an integer of at least 1, got 1.5 (number).',
  ],
  [
    'a misspelt key, told once',
    'max_epochs: 10',
    'max_epoch: 10',
    'ERS_UNKNOWN_KEY config.yaml:15:3 Unknown key `max_epoch` in `train`. | Did you mean `max_epochs`?',
  ],
  [
    'a missing key',
    '  max_epochs: 10\n',
    '',
    'ERS_SCHEMA config.yaml:13:1 `train` lacks the key `max_epochs`, an integer of at least 1.',
  ],
  [
    'a bound that is excluded',
    'lr: 1e-3',
    'lr: 0',
    'ERS_SCHEMA config.yaml:16:7 `train.lr`: expected a number above 0, got 0 (number). | train.lr: size of a step.',
  ],
  [
    'a choice between number and null',
    'stop: null',
    'stop: x',
    'ERS_SCHEMA config.yaml:17:9 `train.stop`: expected an integer of at least 1 or null, got "x" (string).',
  ],
  [
    'a word that is none of the allowed',
    'resnet34',
    'resnet43',
    'ERS_SCHEMA config.yaml:10:17 `model.encoder_name`: expected one of resnet18, resnet34, got "resnet43" (string). | Did you mean `resnet34`?',
  ],
  [
    'a list that is too short',
    '[256, 128, 64, 32, 16]',
    '[256, 128]',
    'ERS_SCHEMA config.yaml:12:21 `model.decoder_channels`: expected a list of 5 items, each an integer of at least 1, got a list of 2 items.',
  ],
  [
    'a wrong item of a list',
    '[256, 128, 64, 32, 16]',
    '[256, 128, 64, 32, x]',
    'ERS_SCHEMA config.yaml:12:40 `model.decoder_channels.4`: expected an integer of at least 1, got "x" (string).',
  ],
  [
    'a location of a wrong type',
    'root: data/mine',
    'root: 3',
    'ERS_SCHEMA config.yaml:2:9 `dataset.root`: expected a path or stage:out, got 3 (number). (and pipeline.yaml:5:23)',
  ],
  [
    'null for a required input',
    'root: data/mine',
    'root: null',
    'ERS_SCHEMA config.yaml:2:9 `dataset.root` is null, but scan needs the input `dataset`. (and pipeline.yaml:5:22) | Give a path, or stage:out.',
  ],
  [
    'a key that nothing reads',
    'root: data/mine',
    'root: x\n  other: 3',
    'ERS_UNUSED_KEY config.yaml:3:3 No stage reads `dataset.other`. | Remove it, or list it in the params of a stage.',
  ],
  [
    'a misspelt group, told once',
    'train:\n',
    'trian:\n',
    'ERS_UNKNOWN_KEY config.yaml:13:1 Unknown key `trian`. | Did you mean `train`?',
  ],
  [
    'a missing group',
    'names:\n  images: images/{name}.png\n  masks: masks/{name}.png\n',
    '',
    'ERS_SCHEMA config.yaml config.yaml has no `names`. (and pipeline.yaml:6:14) | Add `names: { images: …, masks: … }` to config.yaml.',
  ],
  [
    'a key twice',
    'seed: 17',
    'seed: 17\n  seed: 18',
    'ERS_YAML config.yaml:15:3 The key `seed` stands twice. (and config.yaml:14:3) | Keep one of the two.',
  ],
];

describe('a fault in config.yaml is told with its place', () => {
  test.each(wrongConfigs)('%s', async (_, from, to, ...expected) => {
    expect(await fixture.faults(goodPipeline, edit(goodConfig, from, to))).toEqual(expected);
  });
});

describe('a fault of -S is told with the option', () => {
  test.each([
    [
      'train.lr=abc',
      'ERS_SCHEMA -S train.lr=abc `train.lr`: expected a number above 0, got "abc" (string). | train.lr: size of a step.',
    ],
    ['train.lrr=3', 'ERS_USAGE -S train.lrr=3 Unknown key `lrr` in `train`. | Did you mean `lr`?'],
    [
      'trian.lr=3',
      'ERS_USAGE -S trian.lr=3 The config has no key `trian.lr`. (and config.yaml:16:3) | Did you mean `train.lr`?',
    ],
    ['plot.x=3', 'ERS_USAGE -S plot.x=3 The config has no key `plot.x`. | There is: title.'],
    [
      'lr=3',
      'ERS_USAGE -S lr=3 The config has no key `lr`. (and config.yaml:16:3) | Did you mean `train.lr`?',
    ],
    [
      'model.encoder_weights=#1',
      `ERS_USAGE -S model.encoder_weights=#1 YAML takes what follows a # for a comment, and it would be lost. | Quote the text: -S 'key="#fff"'.`,
    ],
    ['foo', 'ERS_USAGE -S foo Expected key=value. | For example -S train.batch_size=4.'],
    ['dataset.root=[1', 'ERS_USAGE -S dataset.root=[1 Flow sequence must end with a ].'],
    ['train.lr.x=3', 'ERS_USAGE -S train.lr.x=3 The config has no key `train.lr.x`.'],
    [
      '__proto__.x=3',
      'ERS_USAGE -S __proto__.x=3 The config has no key `__proto__.x`. | There is: dataset, names, classes, model, train, plot.',
    ],
  ])('%s', async (option, expected) => {
    expect(await fixture.faults(goodPipeline, goodConfig, [option])).toEqual([expected]);
  });
});

test('faults of both files come together, in the order of the lines', async () => {
  const pipeline = edit(edit(goodPipeline, 'scan:catalog', 'scna:catalog'), 'plot.png }', '/x }');
  const config = edit(edit(goodConfig, 'lr: 1e-3', 'lr: -1'), 'seed: 17', 'seed: x');
  const faults = await fixture.faults(pipeline, config);
  expect(faults.map((fault) => fault.split(' ').slice(0, 2).join(' '))).toEqual([
    'ERS_UNKNOWN_STAGE pipeline.yaml:10:19',
    'ERS_OUT_PATH pipeline.yaml:18:19',
    'ERS_SCHEMA config.yaml:14:9',
    'ERS_SCHEMA config.yaml:16:7',
  ]);
});

test('a stage of a wrong shape does not hide the faults of others, nor make faults of its own absence', async () => {
  const pipeline = edit(edit(goodPipeline, 'metrics: [history]', 'metrics: history'), 'plot.png }', '/x }');
  expect(await fixture.faults(pipeline, edit(goodConfig, 'value: 1', 'value: -1'))).toEqual([
    'ERS_SCHEMA pipeline.yaml:13:14 `stages.train.metrics`: expected a list, each text that is not empty, got "history" (string).',
    'ERS_OUT_PATH pipeline.yaml:18:19 The out /x is an absolute path. | Write a relative path, for example model/ or table.csv.',
    'ERS_SCHEMA config.yaml:8:14 `classes.1.value`: expected an integer from 0 to 255, got -1 (number).',
  ]);
});

test('a missing pipeline is one fault with a hint', async () => {
  const result = await loadPipeline({ file: 'no-such/pipeline.yaml', set: [], dist: fixture.dist });
  expect(result).toEqual({
    ok: false,
    faults: [
      {
        code: 'ERS_USAGE',
        message: 'There is no no-such/pipeline.yaml.',
        place: { file: 'no-such/pipeline.yaml' },
        hint: 'Run npx ers in the folder that holds pipeline.yaml.',
      },
    ],
  });
});

test('loading reads only: it leaves nothing beside the files', async () => {
  const { root } = await fixture.load();
  expect(existsSync(join(root, '.ers'))).toBe(false);
  expect(readFileSync(join(root, 'pipeline.yaml'), 'utf8')).toBe(goodPipeline);
});

test('a config without what the pipeline needs is told what to add to it, in the config’s own name', async () => {
  expect((await fixture.faults(goodPipeline, '')).slice(2)).toEqual([
    'ERS_UNKNOWN_KEY config.yaml config.yaml has no `dataset.root`. (and pipeline.yaml:5:23) | Add `dataset: { root: … }` to config.yaml: a path, or stage:out.',
    'ERS_SCHEMA config.yaml config.yaml has no `names`. (and pipeline.yaml:6:14) | Add `names: { images: …, masks: … }` to config.yaml.',
    'ERS_SCHEMA config.yaml config.yaml has no `classes`. (and pipeline.yaml:6:21) | Add `classes: [{ value: …, name: … }, …]` to config.yaml.',
    'ERS_SCHEMA config.yaml config.yaml has no `model`. (and pipeline.yaml:11:14) | Add `model: { encoder_name: …, decoder_channels: … }` to config.yaml.',
    'ERS_SCHEMA config.yaml config.yaml has no `train`. (and pipeline.yaml:11:21) | Add `train: { seed: …, max_epochs: …, lr: …, stop: … }` to config.yaml.',
  ]);
});
