import { expect, test } from 'vitest';
import { inspected } from '../../../engine/plan/inspected.ts';
import { builtIn, open, pipelineOf, read, tempFolder, write, type Sketch } from '../pipelines.ts';

test('stages that ask the same of a file have it looked at once, and each is told', async () => {
  const root = tempFolder();
  write(root, 'looks', '');
  write(
    root,
    'dist/inspect-train.mjs',
    `import { appendFileSync } from 'node:fs';
export const inspect = ({ params, inputs, once }) =>
  once([inputs.encoder, params.name], async () => {
    appendFileSync(${JSON.stringify(`${root}/looks`)}, params.name + '\\n');
    return [{ code: 'ERS_WEIGHTS', message: 'No ' + params.name + '.', about: { input: 'encoder' } }];
  });`,
  );
  const { definition } = builtIn('train');
  const train = (name: string, seed: number): Sketch => ({
    program: { type: 'uses', definition: { ...definition, inspects: true } },
    params: { name, seed },
    deps: { encoder: 'net.safetensors' },
    outs: { model: 'model/' },
  });
  const pipeline = pipelineOf(root, { a: train('r18', 1), b: train('r34', 1), c: train('r18', 2) });
  const project = open(pipeline, { dist: `${root}/dist` });
  const stages = [...pipeline.stages.values()];
  const messages = async () =>
    [...(await inspected(project, stages))].map(([name, faults]) => [name, faults.map((f) => f.message)]);
  const told = [
    ['a', ['No r18.']],
    ['b', ['No r34.']],
    ['c', ['No r18.']],
  ];
  expect(await messages()).toEqual(told);
  expect(read(root, 'looks')).toBe('r18\nr34\n');
  // Another plan looks again: the file may be another by then.
  expect(await messages()).toEqual(told);
  expect(read(root, 'looks')).toBe('r18\nr34\nr18\nr34\n');
});
