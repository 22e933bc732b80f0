import { beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../base/random.ts';
import { initialState } from '../../nn/initial-state.ts';
import type { LossWeights } from '../../nn/losses/weighted.ts';
import type { Precision } from '../../nn/precision.ts';
import type { TensorFlow } from '../../runtime/load.ts';
import { installLimit } from '../runtime/installed.ts';
import { smallTrainer } from './small-trainer.ts';
import { tensorFlowForTests } from './tensorflow.ts';

const repeats = 10;

let tensorFlow: TensorFlow;
beforeAll(async () => {
  await prepareRandom();
  tensorFlow = await tensorFlowForTests();
}, installLimit);

// Each loss gives the logits a gradient of its own to add up: without add-in-order.ts 56 of 60 trainings with four differed.
test.each([
  ['fp32', { ce: 0.7, dice: 0.3 }],
  ['fp32', { ce: 1, dice: 1, focal: 1, jaccard: 1, lovasz: 1 }],
  ['bf16', { ce: 0.7, dice: 0.3 }],
] as [Precision, LossWeights][])(
  'in %s with the losses %o, trainings from the same weights end in the same bits',
  (precision, losses) => {
    const { trainer, batch } = smallTrainer(tensorFlow, { size: 32, precision, losses });
    const start = initialState(trainer.parameters, 17);
    const ends = Array.from({ length: repeats }, () => {
      trainer.write(start);
      for (let step = 1; step <= 4; step += 1) trainer.train(batch, step, 0.001);
      return trainer.weights();
    });
    trainer.close();
    const [first, ...others] = ends;
    const differing = others.flatMap((weights) =>
      [...weights].flatMap(([name, values]) =>
        Buffer.from(values.buffer).equals(Buffer.from(first?.get(name)?.buffer ?? new ArrayBuffer()))
          ? []
          : [name],
      ),
    );
    expect(new Set(differing)).toEqual(new Set());
  },
);
