import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { floats, writeSafetensors } from '../../formats/safetensors.ts';
import { filesBelow, Project } from './project.ts';

/**
 * Expects exit code 2, all of `parts` on stderr, nothing on stdout, and that the project's folder is untouched, save for
 * files that are `left`.
 */
async function expectFault(
  project: Project,
  args: readonly string[],
  parts: readonly string[],
  left: readonly string[] = [],
) {
  const before = filesBelow(project.folder);
  const { code, out, err } = await project.ers(args);
  for (const part of parts) expect(err).toContain(part);
  expect(out).toBe('');
  expect(code).toBe(2);
  expect(filesBelow(project.folder)).toEqual([...left, ...before]);
}

/** Replaces text that must be there. */
function edit(project: Project, file: string, from: string, to: string): void {
  const text = project.read(file);
  expect(text).toContain(from);
  writeFileSync(project.path(file), text.replace(from, to));
}

/** `FILE:LINE:COLUMN` of the first character of a text in a file as it is now, as a message would name it. */
function at(project: Project, file: string, text: string): string {
  const [before, after] = project.read(file).split(text);
  if (before === undefined || after === undefined) throw new Error(`${file} has no ${text}`);
  const lines = before.split('\n');
  return `${file}:${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

test('unknown keys and wrong types of the config are said all at once, each with line, column and its line', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'horizontal_flip:', 'horizontal_filp:');
  edit(project, 'config.yaml', 'batch_size: 6', 'batch_size: four');
  edit(project, 'config.yaml', 'min_group: 6', 'min_group: 6.5');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'config.yaml', 'horizontal_filp')} Unknown key \`horizontal_filp\` in \`augment\`. [ERS_UNKNOWN_KEY]`,
      '      horizontal_filp: { p: 0.5 }\n      ^',
      'Did you mean `horizontal_flip`?',
      `${at(project, 'config.yaml', 'four')} \`train.batch_size\`: expected an integer from 1 to 4096, got "four" (string). [ERS_SCHEMA]`,
      `${at(project, 'config.yaml', '6.5')} \`split.min_group\``,
    ],
  );
});

test('what no schema can say of the values is said before anything runs, all at once', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'value: 1,', 'value: 0,');
  edit(project, 'config.yaml', 'val: 0.15', 'val: 0.25');
  edit(project, 'config.yaml', 'annotations/{name}_mask.png', 'annotations/{month}.png');
  edit(project, 'config.yaml', 'ce: 0.7, dice: 0.3', 'ce: 0, dice: 0');
  const twice = project.read('config.yaml').split('value: 0,')[1]?.split('\n')[0] ?? '';
  expect(twice).not.toBe('');
  await expectFault(
    project,
    ['run'],
    [
      'Two classes have the same value 0: classes[0] (bare ground) and classes[1] (water). [ERS_CLASS_TABLE]',
      `${at(project, 'config.yaml', 'annotations/{month}.png')} names.masks is "annotations/{month}.png": {month} means nothing here`,
      `${at(project, 'config.yaml', 'split:\n')} split.train, split.val and split.test are`,
      `${at(project, 'config.yaml', 'loss:')} All weights of \`loss\` are 0`,
    ],
  );
});

test('a value of an option that no schema can refuse is told at the option', async () => {
  await expectFault(
    Project.create(),
    ['run', '-S', 'split.train=0.9'],
    ['split.train, split.val and split.test are 0.9, 0.15, 0.15 and sum to 1.2; expected 1. [ERS_SCHEMA]'],
  );
});

test('settings of training that do not fit each other or the classes are told at their lines', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'ce: 0.7, dice: 0.3', 'ce: 0.7, class_weights: [1, 2], focal_gamma: 3');
  edit(project, 'config.yaml', 'eta_min: 0.000001', 'eta_min: 0.1');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'config.yaml', 'class_weights')} \`loss.class_weights\` holds 2 factors; 7 classes are trained. [ERS_SCHEMA]`,
      `${at(project, 'config.yaml', '3 }\n\noptimizer')} \`loss.focal_gamma\` would do nothing: only the focal loss reads it, and \`loss.focal\` is 0. [ERS_SCHEMA]`,
      `${at(project, 'config.yaml', '0.1 }')} The lowest learning rate, 0.1, is above the one at the start, 0.001: the rate would rise. [ERS_SCHEMA]`,
    ],
  );
});

test('what does not fit a value that is refused itself is not told beside it', async () => {
  const wanted = 'expected a list of 1 to 255 items, each a mapping, got';
  for (const [set, fault] of [
    [['classes=5', 'loss.class_weights=[1,2]'], `-S classes=5 \`classes\`: ${wanted} 5 (number).`],
    [['classes=[]', 'loss.class_weights=[1,2]'], `-S classes=[] \`classes\`: ${wanted} a list of 0 items.`],
    [
      ['classes=[null]', 'loss.class_weights=[1,2]'],
      '-S classes=[null] `classes.0`: expected a mapping, got nothing (null).',
    ],
    [
      ['image.img_size=-32', 'train.batch_size=1'],
      '-S image.img_size=-32 `image.img_size`: expected an integer from 32 to 4096, a multiple of 32, got -32 (number).',
    ],
  ] as const) {
    const { code, err } = await Project.create().ers([
      'run',
      '--dry',
      ...set.flatMap((pair) => ['-S', pair]),
    ]);
    expect(err.split('\n').filter((line) => line.includes('[ERS_'))).toEqual([`${fault} [ERS_SCHEMA]`]);
    expect(err).not.toContain('Error:');
    expect(code).toBe(2);
  }
});

test('an encoder file that does not fit is told at its line before anything is made', async () => {
  const project = Project.create();
  const tensors = new Map([['conv1.weight', floats([64, 3, 5, 5], new Float32Array(64 * 75))]]);
  await writeSafetensors(project.path('net.safetensors'), { tensors, metadata: {} });
  edit(project, 'config.yaml', 'encoder_weights: null', 'encoder_weights: net.safetensors');
  const { code, out } = await project.ers(['run']);
  expect(code).toBe(2);
  expect(out).toContain(
    `${at(project, 'config.yaml', 'net.safetensors')} The encoder weights do not fit model.encoder_name: encoder.conv1.weight has the shape 64×3×5×5; expected 64×3×7×7; encoder.bn1.weight (64) is missing;`,
  );
  expect(out).toContain('and net.safetensors\n');
  expect(out).toContain('synthesize  skipped    because of train');
  expect((await project.ers(['status'])).err).toContain('[ERS_WEIGHTS]');
  writeFileSync(project.path('net.safetensors'), 'a page of HTML, say');
  const other = await project.ers(['run', '--dry']);
  expect(other.code).toBe(2);
  expect(other.err).toContain(
    'The weights cannot be read: its header is longer than the file. [ERS_WEIGHTS]',
  );
});

test('an empty config: every group that is needed, with what to write', async () => {
  const project = Project.create();
  writeFileSync(project.path('config.yaml'), '');
  await expectFault(
    project,
    ['run'],
    [
      'config.yaml has no `dataset.root`. [ERS_UNKNOWN_KEY]',
      'Add `dataset: { root: … }` to config.yaml: a path, or stage:out.',
      'Add `names: { images: …, masks: … }` to config.yaml.',
      'Add `classes: [{ value: …, name: …, colour: … }, …]` to config.yaml.',
    ],
  );
});

test('weights by a name that is none: what to give', async () => {
  const { code, out } = await Project.create().ers(['run', '-S', 'model.encoder_weights=ssl']);
  expect(code).toBe(2);
  expect(out).toContain('there is nothing at ssl. [ERS_INPUT_MISSING]');
  expect(out).toContain('Give imagenet, the path of a safetensors file with the names of torchvision or smp');
});

test('a colour that is none', async () => {
  await expectFault(
    Project.create(),
    ['run', '-S', 'classes.1.colour=red'],
    [`\`classes.1.colour\`: expected a colour such as '#2f6fa8', got "red" (string). [ERS_SCHEMA]`],
  );
});

test('YAML that is none is one message that shows where it breaks', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'seed: 7', 'seed: [7');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'config.yaml', 'places: 10')} Flow sequence `,
      '[ERS_YAML]\n      places: 10\n      ^\n',
      'Is a bracket or brace not closed on the line above?',
    ],
  );
  expect((await project.ers(['run'])).err.split('[ERS_YAML]')).toHaveLength(2);
});

test('a tab as indentation is said as such', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', '  seed: 7', '\tseed: 7');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'config.yaml', '\tseed: 7')} Tabs are not allowed as indentation. [ERS_YAML]`,
      'Indent with spaces.',
    ],
  );
});

test('an unknown stage on the command line', async () => {
  await expectFault(
    Project.create(),
    ['run', 'tarin'],
    ['There is no stage `tarin`. [ERS_UNKNOWN_STAGE]', 'Did you mean `train`?'],
    // The project is opened before its stages are looked up; its store holds nothing yet.
    ['.ers/.gitignore'],
  );
});

test('an unknown stage in the pipeline', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', "'scan:catalog'", "'scna:catalog'");
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'pipeline.yaml', "'scna:")} There is no stage \`scna\`. [ERS_UNKNOWN_STAGE]`,
      'Did you mean `scan`?',
    ],
  );
});

test('stages that wait for each other', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', "dataset: '${dataset.root}' }", "dataset: 'evaluate:pictures' }");
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'pipeline.yaml', "'evaluate:pictures'")} Stages wait for each other in a circle: scan → evaluate → train → shards → split → scan`,
      '[ERS_CYCLE]',
    ],
  );
});

test('two outs at one path, and one within another', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', 'val: val.csv', 'val: ./train.csv');
  edit(project, 'pipeline.yaml', 'history: history.jsonl', 'history: model/history.jsonl');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'pipeline.yaml', './train.csv')} The outs \`train\` and \`val\` are the same path: train.csv and train.csv. [ERS_OUT_CLASH]`,
      `and ${at(project, 'pipeline.yaml', 'train.csv, val')}`,
      `${at(project, 'pipeline.yaml', 'model/history.jsonl')} The outs \`model\` and \`history\` lie inside one another`,
    ],
  );
});

test('two stages of one name', async () => {
  const project = Project.create();
  const first = at(project, 'pipeline.yaml', 'scan:\n');
  const second = at(project, 'pipeline.yaml', 'split:\n');
  edit(project, 'pipeline.yaml', '  split:\n', '  scan:\n');
  await expectFault(
    project,
    ['run'],
    [`${second} The key \`scan\` stands twice. [ERS_YAML]`, `and ${first}`],
  );
});

test('two stages whose artifacts would share a folder where case does not tell names apart', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', '  split:\n', '  Scan:\n');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'pipeline.yaml', 'Scan:')} The stages \`scan\` and \`Scan\` share one folder where case does not count. [ERS_OUT_CLASH]`,
      `and ${at(project, 'pipeline.yaml', 'scan:\n')}`,
    ],
  );
});

test('an out that leaves its stage’s folder', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', 'val: val.csv', 'val: ../train/val.csv');
  await expectFault(
    project,
    ['run'],
    [
      `${at(project, 'pipeline.yaml', '../train/val.csv')} The out ../train/val.csv leaves the stage's folder by .. [ERS_OUT_PATH]`,
    ],
  );
});

test('a value for an unknown key on the command line', async () => {
  await expectFault(
    Project.create(),
    ['run', '-S', 'shcedule.T_max=5'],
    [
      '-S shcedule.T_max=5 The config has no key `shcedule.T_max`. [ERS_USAGE]',
      'Did you mean `schedule.T_max`?',
    ],
  );
});

test('a config file and a pipeline that are not there', async () => {
  const project = Project.create();
  await expectFault(
    project,
    ['run', '--config', 'other.yaml'],
    ['There is no other.yaml. [ERS_USAGE]', 'Give --config the path of a config file.'],
  );
  await expectFault(project, ['run', '--file', 'other.yaml'], ['There is no file other.yaml. [ERS_USAGE]']);
});

test('an unknown option and an unknown command', async () => {
  const project = Project.create();
  await expectFault(project, ['run', '--froce'], ["error: unknown option '--froce'", '--force']);
  await expectFault(project, ['rnu'], ["error: unknown command 'rnu'", 'run']);
});
