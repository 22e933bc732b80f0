import type { Tensor } from '../graph/graph.ts';
import { add } from '../graph/ops/arithmetic.ts';
import { maxPool } from '../graph/ops/max-pool.ts';
import { relu } from '../graph/ops/relu.ts';
import { kaimingNormalFanOut } from '../init/initializers.ts';
import { batchNormLayer } from '../layers/batch-norm.ts';
import { convLayer } from '../layers/conv.ts';
import type { Layer } from '../layers/pass.ts';
import type { Scope } from '../layers/scope.ts';
import type { Encoder } from './encoder.ts';

/** Basic blocks in each of the four layers (He et al. 2015, table 1). */
const blocksOf = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;
const widths = [64, 128, 256, 512] as const;

export type ResnetName = keyof typeof blocksOf;

/** Torchvision's ResNet without its classifier, with torchvision's parameter names. */
export function resnet(scope: Scope, name: ResnetName, inChannels: number): Encoder {
  const stem = convLayer(scope.in('conv1'), {
    inputs: inChannels,
    outputs: 64,
    kernel: 7,
    stride: 2,
    initial: kaimingNormalFanOut,
  });
  const stemNorm = batchNormLayer(scope.in('bn1'), 64);
  let inputs = 64;
  const layers = widths.map((outputs, layer) => {
    const blocks = Array.from({ length: blocksOf[name][layer] ?? 0 }, (_, block) => {
      const stride = layer > 0 && block === 0 ? 2 : 1;
      const made = basicBlock(scope.in(`layer${layer + 1}`).in(block), inputs, outputs, stride);
      inputs = outputs;
      return made;
    });
    return (x: Tensor, pass: Parameters<Layer>[1]) => blocks.reduce((y, block) => block(y, pass), x);
  });
  return {
    channels: [64, ...widths],
    features: (x, pass) => {
      const features = [relu(pass.graph, stemNorm(stem(x, pass), pass))];
      let y = maxPool(pass.graph, features[0] ?? x, { kernel: 3, stride: 2, padding: 1 });
      for (const layer of layers) {
        y = layer(y, pass);
        features.push(y);
      }
      return features;
    },
  };
}

/** relu(bn(conv3(relu(bn(conv3(x))))) + x); where size or channels change, x goes through a strided 1×1 convolution first. */
function basicBlock(scope: Scope, inputs: number, outputs: number, stride: number): Layer {
  const initial = kaimingNormalFanOut;
  const conv1 = convLayer(scope.in('conv1'), { inputs, outputs, kernel: 3, stride, initial });
  const bn1 = batchNormLayer(scope.in('bn1'), outputs);
  const conv2 = convLayer(scope.in('conv2'), { inputs: outputs, outputs, kernel: 3, initial });
  const bn2 = batchNormLayer(scope.in('bn2'), outputs);
  const shortcut =
    stride === 1 && inputs === outputs ? undefined : projection(scope, inputs, outputs, stride);
  return (x, pass) => {
    const middle = relu(pass.graph, bn1(conv1(x, pass), pass));
    const y = bn2(conv2(middle, pass), pass);
    return relu(pass.graph, add(pass.graph, y, shortcut === undefined ? x : shortcut(x, pass)));
  };
}

function projection(scope: Scope, inputs: number, outputs: number, stride: number): Layer {
  const place = scope.in('downsample');
  const initial = kaimingNormalFanOut;
  const conv = convLayer(place.in(0), { inputs, outputs, kernel: 1, stride, initial });
  const norm = batchNormLayer(place.in(1), outputs);
  return (x, pass) => norm(conv(x, pass), pass);
}
