import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../nn/graph/gradients.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import { lossDefaults, target } from '../../../nn/losses/target.ts';
import { lossNames, weightedLoss } from '../../../nn/losses/weighted.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

const [pixels, classes, ignore] = [12, 4, 255];
/** Class 3 is nowhere, and two pixels are ignored. */
const masks = Uint8Array.of(0, 1, 2, 0, 1, ignore, 2, 2, 0, ignore, 1, 0);
const logits = Float32Array.from(mixed(21, pixels * classes), (word) => word / 1073741824 - 2);
const step = 1 / 32;

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

describe.each([null, [0.5, 2, 1, 3]])('with the class weights %o', (classWeights) => {
  test.each(lossNames)(
    'the gradient of %s agrees with central differences to 2e-3 of its largest number, and ignored pixels have none',
    (name) => {
      const graph = new Graph();
      const rows = placeholder(graph, 'logits', 'float32', [pixels, classes]);
      const labels = placeholder(graph, 'masks', 'uint8', [2, 2, 3]);
      const loss = weightedLoss({ [name]: 1 }, { ...lossDefaults, classWeights });
      const value = fetch(graph, 'loss', loss(graph, rows, target(graph, labels, classes, ignore)));
      const [slope = value] = gradients(graph, value, [rows]);
      const session = new Session(tensorFlow, graph, tmpdir());
      const run = (values: Float32Array, wanted: typeof value) =>
        session.run(
          [
            [rows, values],
            [labels, masks],
          ],
          [wanted],
        )[0] as Float32Array;
      const found = run(logits, slope);
      const numeric = Array.from(logits, (_, at) => {
        const moved = (by: number) =>
          run(
            logits.map((x, e) => (e === at ? x + by : x)),
            value,
          )[0] ?? NaN;
        return (moved(step) - moved(-step)) / (2 * step);
      });
      session.close();
      const largest = Math.max(...numeric.map(Math.abs));
      expect(largest).toBeGreaterThan(0.01);
      const apart = numeric.map((wanted, at) => Math.abs((found[at] ?? NaN) - wanted) / largest);
      expect(apart.filter((error) => !(error < 2e-3))).toEqual([]);
      const ofIgnored = [...found].filter((_, at) => masks[Math.floor(at / classes)] === ignore);
      expect(ofIgnored).toHaveLength(2 * classes);
      expect(ofIgnored.filter((value) => value !== 0)).toEqual([]);
    },
  );
});
