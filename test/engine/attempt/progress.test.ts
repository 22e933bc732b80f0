import { expect, test } from 'vitest';
import { plan } from '../../../engine/index.ts';
import { names, open, pipelineOf, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

test('a stage that left a checkpoint says so in the plan, unless it is forced to begin anew', async () => {
  const root = tempFolder();
  const sketches: Record<string, Sketch> = {
    a: { cmd: 'echo half > "$ERS_CHECKPOINT/half"; kill -KILL $$', outs: { out: 'out.txt' } },
  };
  const project = open(pipelineOf(root, sketches));
  const request = { targets: names('a'), force: false, only: false };
  const before = await plan(project, request);
  expect(before.ok && before.value.stages[0]).toEqual({
    stage: 'a',
    state: 'run',
    reasons: [{ type: 'never-made' }],
  });
  expect((await runOnce(pipelineOf(root, sketches))).code).toBe(1);
  const after = await plan(project, request);
  expect(after.ok && after.value.stages[0]).toMatchObject({ state: 'run', checkpoint: true });
  const forced = await plan(project, { ...request, force: true });
  expect(forced.ok && forced.value.stages[0]).not.toHaveProperty('checkpoint');
});

test('a checkpoint whose inputs were touched since is not promised, and not taken', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const sketches: Record<string, Sketch> = {
    a: {
      cmd: 'echo half > "$ERS_CHECKPOINT/half"; kill -KILL $$',
      deps: { in: 'in.txt' },
      outs: { out: 'out.txt' },
    },
  };
  const planned = async () => {
    const made = await plan(open(pipelineOf(root, sketches)), { targets: [], force: false, only: false });
    return made.ok && made.value.stages[0];
  };
  await runOnce(pipelineOf(root, sketches));
  expect(await planned()).toMatchObject({ checkpoint: true });
  write(root, 'in.txt', 'in\n');
  expect(await planned()).not.toHaveProperty('checkpoint');
  const ran = await runOnce(pipelineOf(root, sketches));
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({ resumed: false });
});
