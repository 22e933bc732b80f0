import type { Graph, Tensor } from './graph/graph.ts';
import { add, cast, multiply } from './graph/ops/arithmetic.ts';
import { constant } from './graph/ops/constant.ts';

/** How uint8 pixels become the network's input: (x·scale − mean)/std for each channel. */
export interface Normalisation {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export type NormalisationName = 'imagenet' | 'unit';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * `imagenet`: what torchvision's pretrained encoders expect. Three channels repeat in turn, as the filters of the first
 * convolution do (weights/patch-first-conv.ts); one grey channel, for which these are added up, gets the means of the three.
 * `unit`: 0…1.
 */
export function normalisation(name: NormalisationName, channels: number): Normalisation {
  const each = <T>(value: (channel: number) => T) => Array.from({ length: channels }, (_, c) => value(c));
  if (name === 'unit') return { scale: 1 / 255, mean: each(() => 0), std: each(() => 1) };
  if (channels === 1) return { scale: 1 / 255, mean: [average(imagenet.mean)], std: [average(imagenet.std)] };
  return {
    scale: 1 / 255,
    mean: each((channel) => imagenet.mean[channel % 3] ?? 0),
    std: each((channel) => imagenet.std[channel % 3] ?? 1),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** N×H×W×C uint8 → fp32, inside the graph, so that only bytes travel to the device. */
export function normalise(graph: Graph, images: Tensor, { scale, mean, std }: Normalisation): Tensor {
  const factors = std.map((deviation) => scale / deviation);
  const offsets = mean.map((value, channel) => -value / (std[channel] ?? 1));
  const scaled = multiply(graph, cast(graph, images, 'float32'), constant(graph, factors, [factors.length]));
  return add(graph, scaled, constant(graph, offsets, [offsets.length]));
}
