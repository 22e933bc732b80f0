import { dimension, type Tensor } from '../graph/graph.ts';
import { add, cast } from '../graph/ops/arithmetic.ts';
import { conv2d } from '../graph/ops/conv.ts';
import { relu } from '../graph/ops/relu.ts';
import { split } from '../graph/ops/shape.ts';
import { upConv } from '../graph/ops/up-conv.ts';
import { kaimingUniformFanIn } from '../init/initializers.ts';
import { batchNormLayer } from './batch-norm.ts';
import { convLayer } from './conv.ts';
import type { Pass } from './pass.ts';
import type { Scope } from './scope.ts';

export interface UpBlockOptions {
  /** Channels that come from below. */
  readonly inputs: number;
  /** Channels of the encoder's feature of twice the size; 0 where there is none. */
  readonly skip: number;
  readonly outputs: number;
}

export type UpBlock = (x: Tensor, skip: Tensor | undefined, pass: Pass) => Tensor;

/**
 * A decoder block of smp's Unet: nearest×2, concatenate [up, skip], (conv3×3, batch norm, ReLU) twice.
 * The first convolution is linear in its input's channels, so it is computed as
 * upConv(x, filter of the up-sampled channels) + conv(skip, filter of the skip's channels), without the concatenation.
 */
export function upBlock(scope: Scope, { inputs, skip, outputs }: UpBlockOptions): UpBlock {
  const first = scope
    .in('conv1')
    .in(0)
    .parameter('weight', [3, 3, inputs + skip, outputs], kaimingUniformFanIn);
  const firstNorm = batchNormLayer(scope.in('conv1').in(1), outputs);
  const initial = kaimingUniformFanIn;
  const second = convLayer(scope.in('conv2').in(0), { inputs: outputs, outputs, kernel: 3, initial });
  const secondNorm = batchNormLayer(scope.in('conv2').in(1), outputs);
  return (x, feature, pass) => {
    const { graph } = pass;
    if ((feature === undefined ? 0 : dimension(feature, 3)) !== skip) {
      throw new Error(`Internal error: the block expects ${skip} channels beside those from below`);
    }
    const filter = pass.read(first);
    let y: Tensor;
    if (feature === undefined) y = upConv(graph, x, filter);
    else {
      const [upFilter, skipFilter] = split(graph, filter, [inputs, skip], 2);
      if (upFilter === undefined || skipFilter === undefined) throw new Error('Internal error: two parts');
      const beside = conv2d(graph, feature, cast(graph, skipFilter, pass.compute), { stride: 1, padding: 1 });
      y = add(graph, upConv(graph, x, upFilter), beside);
    }
    const middle = relu(graph, firstNorm(y, pass));
    return relu(graph, secondNorm(second(middle, pass), pass));
  };
}
