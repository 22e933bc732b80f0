import type { Tensor } from '../graph/graph.ts';
import { add } from '../graph/ops/arithmetic.ts';
import { maxPool } from '../graph/ops/max-pool.ts';
import { relu } from '../graph/ops/relu.ts';
import { kaimingNormalFanOut, torchDefault } from '../init/initializers.ts';
import { batchNormLayer } from '../layers/batch-norm.ts';
import { convLayer } from '../layers/conv.ts';
import type { Layer } from '../layers/pass.ts';
import type { Scope } from '../layers/scope.ts';
import type { Backbone } from './backbone.ts';

/** Blocks in each of the four layers, and their kind (He et al. 2015, table 1). */
const kinds = {
  resnet18: { blocks: [2, 2, 2, 2], block: basicBlock, expansion: 1 },
  resnet34: { blocks: [3, 4, 6, 3], block: basicBlock, expansion: 1 },
  resnet50: { blocks: [3, 4, 6, 3], block: bottleneck, expansion: 4 },
} as const;
const widths = [64, 128, 256, 512] as const;

export type ResnetName = keyof typeof kinds;

/** Torchvision's ResNet without its classifier, with torchvision's parameter names. */
export function resnet(scope: Scope, name: ResnetName, inChannels: number): Backbone {
  const stem = convLayer(scope.in('conv1'), {
    inputs: inChannels,
    outputs: 64,
    kernel: 7,
    stride: 2,
    initial: inChannels === 3 ? kaimingNormalFanOut : torchDefault,
  });
  const stemNorm = batchNormLayer(scope.in('bn1'), 64);
  const { blocks: counts, block: makeBlock, expansion } = kinds[name];
  let inputs = 64;
  const layers = widths.map((width, layer) => {
    const blocks = Array.from({ length: counts[layer] ?? 0 }, (_, block) => {
      const stride = layer > 0 && block === 0 ? 2 : 1;
      const made = makeBlock(scope.in(`layer${layer + 1}`).in(block), inputs, width, stride);
      inputs = width * expansion;
      return made;
    });
    return (x: Tensor, pass: Parameters<Layer>[1]) => blocks.reduce((y, block) => block(y, pass), x);
  });
  return {
    channels: [64, ...widths.map((width) => width * expansion)],
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

/**
 * relu(bn(conv1(relu(bn(conv3(relu(bn(conv1(x)))))))) + x): the 1×1 convolutions narrow to `width` channels and widen to four
 * times as many. As in torchvision, the stride lies on the 3×3 convolution.
 */
function bottleneck(scope: Scope, inputs: number, width: number, stride: number): Layer {
  const initial = kaimingNormalFanOut;
  const outputs = 4 * width;
  const conv1 = convLayer(scope.in('conv1'), { inputs, outputs: width, kernel: 1, initial });
  const bn1 = batchNormLayer(scope.in('bn1'), width);
  const conv2 = convLayer(scope.in('conv2'), { inputs: width, outputs: width, kernel: 3, stride, initial });
  const bn2 = batchNormLayer(scope.in('bn2'), width);
  const conv3 = convLayer(scope.in('conv3'), { inputs: width, outputs, kernel: 1, initial });
  const bn3 = batchNormLayer(scope.in('bn3'), outputs);
  const shortcut =
    stride === 1 && inputs === outputs ? undefined : projection(scope, inputs, outputs, stride);
  return (x, pass) => {
    const narrow = relu(pass.graph, bn1(conv1(x, pass), pass));
    const middle = relu(pass.graph, bn2(conv2(narrow, pass), pass));
    const y = bn3(conv3(middle, pass), pass);
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
