import { cast } from '../graph/ops/arithmetic.ts';
import { addBias } from '../graph/ops/bias.ts';
import { conv2d } from '../graph/ops/conv.ts';
import { zeros, type Initializer } from '../init/initializers.ts';
import type { Layer } from './pass.ts';
import type { Scope } from './scope.ts';

export interface ConvLayerOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly bias?: boolean;
  readonly initial: Initializer;
}

/**
 * `torch.nn.Conv2d` with padding ⌊K/2⌋: parameters `weight` (K×K×I×O) and, where asked for, `bias`.
 * A bias is added in fp32, to a result that is fp32 from there on.
 */
export function convLayer(scope: Scope, options: ConvLayerOptions): Layer {
  const { inputs, outputs, kernel, stride = 1 } = options;
  const weight = scope.parameter('weight', [kernel, kernel, inputs, outputs], options.initial);
  const bias = options.bias === true ? scope.parameter('bias', [outputs], zeros) : undefined;
  return (x, pass) => {
    const y = conv2d(pass.graph, x, pass.readCast(weight), { stride, padding: (kernel - 1) / 2 });
    return bias === undefined ? y : addBias(pass.graph, cast(pass.graph, y, 'float32'), pass.read(bias));
  };
}
