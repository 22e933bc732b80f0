import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNext } from '../../../engine/attempt/say-next.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import { builtIn, pipelineOf, tempFolder, write } from '../pipelines.ts';

function stageOf(program: Stage['program']): Stage {
  const [stage] = pipelineOf('/', { stage: { program, outs: { out: 'out.txt' } } }).stages.values();
  if (stage === undefined) throw new Error('Internal error: no stage');
  return stage;
}

test('what the next run does after a crash follows from what lies in the checkpoint', async () => {
  const dist = tempFolder();
  write(
    dist,
    'inspect-train.mjs',
    [
      'import { readdirSync } from "node:fs";',
      'export const sayStanding = (checkpoint, params) =>',
      '  readdirSync(checkpoint).filter((name) => name !== "cut").map((name) => `at ${name} of ${params.epochs}`)[0];',
    ].join('\n'),
  );
  const checkpoint = join(dist, 'checkpoint');
  const { definition } = builtIn('train');
  const train = {
    ...stageOf({ type: 'uses', definition: { ...definition, inspects: true } }),
    params: { epochs: 3 },
  };
  const program = stageOf({ type: 'command', template: 'true' });
  const say = (stage: Stage) => sayNext({ dist }, stage, { checkpoint });
  expect(await say(train)).toBeUndefined();
  mkdirSync(checkpoint);
  expect(await say(program)).toBeUndefined();
  writeFileSync(join(checkpoint, 'cut'), '');
  expect(await say(train)).toBe('What it had saved cannot be read: the next ers run begins it anew.');
  expect(await say(program)).toBe('The next ers run goes on from its checkpoint.');
  writeFileSync(join(checkpoint, 'epoch 2'), '');
  expect(await say(train)).toBe('The next ers run goes on from its checkpoint, at epoch 2 of 3.');
});
