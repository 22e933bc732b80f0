import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fault } from '../../../base/fault.ts';
import { judge } from '../../../engine/attempt/judge.ts';
import { parseYaml } from '../../../engine/definition/parse-yaml.ts';
import { builtIn, pipelineOf, tempFolder } from '../pipelines.ts';

test('a stage that leaves a process which cannot be ended has failed, whatever its exit code', () => {
  const [stage] = pipelineOf('/', { stage: { outs: { out: 'out.txt' } } }).stages.values();
  if (stage === undefined) throw new Error('Internal error: no stage');
  const ended = { type: 'exit', code: 0, lastLines: [], left: [12, 34] } as const;
  expect(judge(stage, ended, '/no-result')).toMatchObject({
    status: 'failed',
    final: true,
    again: false,
    faults: [
      {
        code: 'ERS_STAGE_FAILED',
        message: 'stage left processes running that cannot be ended: 12, 34. Nothing was recorded.',
      },
    ],
  });
});

test('a program that could not start says nothing against the checkpoint of an earlier attempt', () => {
  const [stage] = pipelineOf('/', { stage: { outs: { out: 'out.txt' } } }).stages.values();
  if (stage === undefined) throw new Error('Internal error: no stage');
  expect(judge(stage, { type: 'not-started', errno: 'EAGAIN' }, '/no-result')).toMatchObject({
    status: 'failed',
    final: false,
    again: false,
    faults: [
      { message: expect.stringMatching(/^stage could not start: .* too many processes run/) as string },
    ],
  });
});

test.each([
  ['ERS_STAGE_CRASHED', false],
  ['ERS_DISK_FULL', false],
  ['ERS_LOSS_NOT_FINITE', true],
] as const)('a stage that told %s in its last words leaves no use for its checkpoint: %s', (code, final) => {
  const [stage] = pipelineOf('/', {
    stage: { program: { type: 'uses', definition: builtIn('train').definition }, outs: { out: 'out.txt' } },
  }).stages.values();
  if (stage === undefined) throw new Error('Internal error: no stage');
  const file = join(tempFolder(), 'result.json');
  writeFileSync(file, JSON.stringify({ status: 'failed', faults: [{ code, message: 'So.' }] }));
  expect(judge(stage, { type: 'exit', code: 1, lastLines: [], left: [] }, file)).toMatchObject({ final });
});

test('what a stage found wrong with its params and inputs is told at the lines of the config', () => {
  const { stage, file } = written([
    { code: 'ERS_SCHEMA', message: 'Seven.', about: { param: ['loss', 'weights'] } },
    { code: 'ERS_SCHEMA', message: 'Default.', about: { param: ['loss', 'gamma'] } },
    { code: 'ERS_WEIGHTS', message: 'Cut.', place: { file: 'net' }, about: { input: 'net' } },
    { code: 'ERS_SHARD', message: 'Else.', place: { file: 'train/a.tar' } },
  ]);
  const config = 'config.yaml';
  expect(judge(stage, { type: 'exit', code: 0, lastLines: [], left: [] }, file)).toMatchObject({
    faults: [
      { code: 'ERS_SCHEMA', message: 'Seven.', place: { file: config, line: 2, column: 12 } },
      { code: 'ERS_SCHEMA', message: 'Default.', place: { file: config, line: 1, column: 1 } },
      {
        ...{ code: 'ERS_WEIGHTS', message: 'Cut.', place: { file: 'pipeline.yaml', line: 1 } },
        also: { file: 'weights/net' },
      },
      { code: 'ERS_SHARD', message: 'Else.', place: { file: 'train/a.tar' } },
    ],
  });
});

/** A stage with a config of two lines, and a result of it. */
function written(faults: readonly Fault[]) {
  const root = tempFolder();
  const [sketch] = pipelineOf(root, {
    stage: { deps: { net: 'weights/net' }, outs: { out: 'out.txt' }, program: builtIn('train') },
  }).stages.values();
  const config = parseYaml('loss:\n  weights: 7\n', 'config.yaml');
  if (sketch === undefined || !config.ok) throw new Error('Internal error: no stage');
  const file = join(root, 'result.json');
  writeFileSync(file, JSON.stringify({ status: 'failed', faults }));
  return { stage: { ...sketch, config: config.value }, file };
}
