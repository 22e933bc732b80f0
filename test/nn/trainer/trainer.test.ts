import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { prepareRandom } from '../../../base/random.ts';
import { initialState } from '../../../nn/initial-state.ts';
import { weightedLoss } from '../../../nn/losses/weighted.ts';
import { normalisation } from '../../../nn/normalisation.ts';
import { adam } from '../../../nn/optimizers/adam.ts';
import type { State } from '../../../nn/trainer/state-program.ts';
import { Trainer } from '../../../nn/trainer/trainer.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  await prepareRandom();
  tensorFlow = await tensorFlowForTests();
}, installLimit);

function digests(state: State): ReadonlyMap<string, string> {
  return new Map([...state].map(([name, { buffer }]) => [name, sha256(new Uint8Array(buffer))]));
}

test.each([null, 0.5])('the weights in a state are those that are handed on (average: %o)', (average) => {
  const [size, n] = [32, 2];
  const trainer = new Trainer({
    tensorFlow,
    model: {
      encoder: 'resnet18',
      decoderChannels: [8, 8, 8, 8, 8],
      channels: 3,
      classes: 2,
      ignore: 255,
      height: size,
      width: size,
      normalisation: normalisation('imagenet', 3),
    },
    loss: weightedLoss({ ce: 1 }),
    optimizer: adam,
    average,
    trainBatches: [n],
    evalBatches: [],
    tmp: tmpdir(),
  });
  trainer.write(initialState(trainer.parameters, 1));
  const images = Uint8Array.from({ length: n * size * size * 3 }, (_, at) => (at * 31) % 256);
  const masks = Uint8Array.from({ length: n * size * size }, (_, at) => at % 2);
  for (const step of [1, 2]) trainer.train({ n, images, masks }, step, 0.01);
  const [state, weights] = [trainer.state(), trainer.weights()];
  trainer.close();
  expect(digests(trainer.weightsIn(state))).toEqual(digests(weights));
  // With an average they are not what the next step starts from.
  const name = 'encoder.conv1.weight';
  expect(digests(state).get(name) === digests(weights).get(name)).toBe(average === null);
});
