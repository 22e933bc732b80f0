import { expect, test } from 'vitest';
import { judge } from '../../../engine/attempt/judge.ts';
import { pipelineOf } from '../pipelines.ts';

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
