import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesBelow, Project } from './project.ts';

/** Expects exit code 2, all of `parts` on stderr, nothing on stdout, and that the project's folder is untouched. */
async function expectFault(project: Project, args: readonly string[], parts: readonly string[]) {
  const before = filesBelow(project.folder);
  const { code, out, err } = await project.ers(args);
  for (const part of parts) expect(err).toContain(part);
  expect(out).toBe('');
  expect(code).toBe(2);
  expect(filesBelow(project.folder)).toEqual(before);
}

/** Replaces text that must be there. */
function edit(project: Project, file: string, from: string, to: string): void {
  const text = project.read(file);
  expect(text).toContain(from);
  writeFileSync(project.path(file), text.replace(from, to));
}

test('unknown keys and wrong types of the config are said all at once, each with line, column and its line', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'horizontal_flip:', 'horizontal_filp:');
  edit(project, 'config.yaml', 'batch_size: 4', 'batch_size: four');
  edit(project, 'config.yaml', 'min_group: 6', 'min_group: 6.5');
  const lineOf = (text: string) => project.read('config.yaml').split(text)[0]?.split('\n').length ?? 0;
  await expectFault(
    project,
    ['run'],
    [
      `config.yaml:${lineOf('horizontal_filp')}:3 Unknown key \`horizontal_filp\` in \`augment\`. [ERS_UNKNOWN_KEY]`,
      '      horizontal_filp: { p: 0.5 }\n      ^',
      'Did you mean `horizontal_flip`?',
      `config.yaml:${lineOf('batch_size')}:15 \`train.batch_size\`: expected an integer from 1 to 4096, got "four" (string). [ERS_SCHEMA]`,
      `config.yaml:${lineOf('min_group')}:14 \`split.min_group\``,
    ],
  );
});

test('YAML that is none is shown where it breaks', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', 'seed: 7', 'seed: [7');
  await expectFault(project, ['run'], ['config.yaml:', '[ERS_YAML]', '^']);
});

test('a tab as indentation is said as such', async () => {
  const project = Project.create();
  edit(project, 'config.yaml', '  seed: 7', '\tseed: 7');
  await expectFault(project, ['run'], ['config.yaml:7:', 'ab', '[ERS_YAML]']);
});

test('an unknown stage on the command line', async () => {
  await expectFault(
    Project.create(),
    ['run', 'tarin'],
    ['There is no stage `tarin`. [ERS_UNKNOWN_STAGE]', 'Did you mean `train`?'],
  );
});

test('an unknown stage in the pipeline', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', "'scan:catalog'", "'scna:catalog'");
  await expectFault(
    project,
    ['run'],
    ['pipeline.yaml:14:22 There is no stage `scna`. [ERS_UNKNOWN_STAGE]', 'Did you mean `scan`?'],
  );
});

test('stages that wait for each other', async () => {
  const project = Project.create();
  edit(
    project,
    'pipeline.yaml',
    "deps: { dataset: '${dataset.root}' }",
    "deps: { dataset: 'evaluate:pictures' }",
  );
  await expectFault(
    project,
    ['run'],
    [
      'pipeline.yaml:9:22 Stages wait for each other in a circle: scan → evaluate → train → shards → split → scan',
      '[ERS_CYCLE]',
    ],
  );
});

test('two outs at one path, and one within another', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', 'val: val.csv', 'val: train.csv');
  edit(project, 'pipeline.yaml', 'history: history.jsonl', 'history: model/history.jsonl');
  await expectFault(
    project,
    ['run'],
    [
      'pipeline.yaml:16:36 The outs `train` and `val` are the same path: train.csv and train.csv. [ERS_OUT_CLASH]',
      'and pipeline.yaml:16:20',
      'pipeline.yaml:27:37 The outs `model` and `history` lie inside one another',
    ],
  );
});

test('two stages of one name', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', '  split:\n', '  scan:\n');
  await expectFault(project, ['run'], ['pipeline.yaml:12:3', 'scan', 'and pipeline.yaml:7:3']);
});

test('two stages whose artifacts would share a folder where case does not tell names apart', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', '  split:\n', '  Scan:\n');
  await expectFault(project, ['run'], ['pipeline.yaml:12:3', '[ERS_']);
});

test('an out that leaves its stage’s folder', async () => {
  const project = Project.create();
  edit(project, 'pipeline.yaml', 'val: val.csv', 'val: ../train/val.csv');
  await expectFault(project, ['run'], ['pipeline.yaml:16:36', '[ERS_OUT_PATH]']);
});

test('a value for an unknown key on the command line', async () => {
  await expectFault(
    Project.create(),
    ['run', '-S', 'shcedule.T_max=5'],
    ['shcedule', 'Did you mean `schedule', '[ERS_'],
  );
});

test('a config file and a pipeline that are not there', async () => {
  const project = Project.create();
  await expectFault(project, ['run', '--config', 'other.yaml'], ['other.yaml', '[ERS_']);
  await expectFault(project, ['run', '--file', 'other.yaml'], ['There is no file other.yaml. [ERS_USAGE]']);
});

test('an unknown option and an unknown command', async () => {
  const project = Project.create();
  await expectFault(project, ['run', '--froce'], ["error: unknown option '--froce'", '--force']);
  await expectFault(project, ['rnu'], ["error: unknown command 'rnu'", 'run']);
});
