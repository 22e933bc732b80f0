import type { Tensor } from '../../../nn/graph/graph.ts';
import { zeros } from '../../../nn/init/initializers.ts';
import { batchNormLayer } from '../../../nn/layers/batch-norm.ts';
import { convLayer } from '../../../nn/layers/conv.ts';
import type { Pass } from '../../../nn/layers/pass.ts';
import type { Scope } from '../../../nn/layers/scope.ts';
import { upBlock } from '../../../nn/layers/up-block.ts';
import { addBias, batchNorm, beside, conv, doubled, relu, type Doubles } from './double.ts';

export interface LayerCase {
  /** Shapes of the layer's inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (scope: Scope) => (inputs: readonly Tensor[], pass: Pass) => Tensor;
  /** The same in double precision; `weight` looks a parameter up by its name. */
  readonly formula: (inputs: readonly Doubles[], weight: (name: string) => Doubles) => Doubles;
}

function convCase(kernel: number, stride: number, size: number, bias = false): LayerCase {
  const inputs = 2;
  const padding = (kernel - 1) / 2;
  return {
    shapes: [[2, size, size, inputs]],
    build: (scope) => {
      const layer = convLayer(scope, { inputs, outputs: 3, kernel, stride, bias, initial: zeros });
      return ([x], pass) => layer(given(x), pass);
    },
    formula: ([x], weight) => {
      const y = conv(given(x), weight('weight'), { stride, padding });
      return bias ? addBias(y, weight('bias')) : y;
    },
  };
}

function upCase(skip: number): LayerCase {
  const norm = (x: Doubles, weight: (name: string) => Doubles, name: string) =>
    relu(batchNorm(x, weight(`${name}.1.weight`), weight(`${name}.1.bias`)));
  const same = { stride: 1, padding: 1 };
  return {
    shapes:
      skip === 0
        ? [[2, 2, 2, 2]]
        : [
            [2, 2, 2, 2],
            [2, 4, 4, skip],
          ],
    build: (scope) => {
      const block = upBlock(scope, { inputs: 2, skip, outputs: 3 });
      return ([x, feature], pass) => block(given(x), feature, pass);
    },
    formula: ([x, feature], weight) => {
      const up = doubled(given(x));
      const input = feature === undefined ? up : beside(up, feature);
      const middle = norm(conv(input, weight('conv1.0.weight'), same), weight, 'conv1');
      return norm(conv(middle, weight('conv2.0.weight'), same), weight, 'conv2');
    },
  };
}

export const cases: Readonly<Record<string, LayerCase>> = {
  'conv 3×3': convCase(3, 1, 5),
  'conv 3×3 with a bias': convCase(3, 1, 4, true),
  'conv 3×3 with stride 2, of an even length': convCase(3, 2, 6),
  'conv 3×3 with stride 2, of an odd length': convCase(3, 2, 5),
  'conv 7×7 with stride 2': convCase(7, 2, 8),
  'conv 1×1': convCase(1, 1, 4),
  'conv 1×1 with stride 2': convCase(1, 2, 4),
  'batch norm': {
    shapes: [[2, 3, 4, 3]],
    build: (scope) => {
      const layer = batchNormLayer(scope, 3);
      return ([x], pass) => layer(given(x), pass);
    },
    formula: ([x], weight) => batchNorm(given(x), weight('weight'), weight('bias')),
  },
  'batch norm over three values a channel': {
    shapes: [[3, 1, 1, 3]],
    build: (scope) => {
      const layer = batchNormLayer(scope, 3);
      return ([x], pass) => layer(given(x), pass);
    },
    formula: ([x], weight) => batchNorm(given(x), weight('weight'), weight('bias')),
  },
  'up block': upCase(0),
  'up block beside a feature of the encoder': upCase(2),
};

export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a value is missing');
  return value;
}
