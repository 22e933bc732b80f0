import { makeEncoder, type EncoderName } from './encoders/encoder.ts';
import type { Graph, Tensor } from './graph/graph.ts';
import { cast } from './graph/ops/arithmetic.ts';
import { xavierUniform } from './init/initializers.ts';
import { convLayer } from './layers/conv.ts';
import type { Pass } from './layers/pass.ts';
import { Scope, type Parameter } from './layers/scope.ts';
import { upBlock } from './layers/up-block.ts';

export interface UnetOptions {
  readonly encoder: EncoderName;
  readonly inChannels: number;
  readonly classes: number;
  /** Channels of the five decoder blocks, from size 1/16 to 1/1. */
  readonly decoderChannels: readonly number[];
}

/** A model in a graph: its parameters, and a way to record its computation any number of times. */
export interface Network {
  readonly parameters: readonly Parameter[];
  /** N×H×W×inChannels fp32 images → N×H×W×classes fp32 logits, computed in the pass's type. H and W are multiples of 32. */
  logits(images: Tensor, pass: Pass): Tensor;
}

/** segmentation_models_pytorch's Unet (decoders/unet), with its parameter names and initial values. */
export function unet(graph: Graph, options: UnetOptions): Network {
  const scope = new Scope(graph);
  const encoder = makeEncoder(scope.in('encoder'), options.encoder, options.inChannels);
  // From the deepest feature up; the last block has no feature beside it.
  const [deepest = 0, ...skips] = [...encoder.channels].reverse();
  const blocks = options.decoderChannels.map((outputs, block) =>
    upBlock(scope.in('decoder').in('blocks').in(block), {
      inputs: block === 0 ? deepest : (options.decoderChannels[block - 1] ?? 0),
      skip: skips[block] ?? 0,
      outputs,
    }),
  );
  const head = convLayer(scope.in('segmentation_head').in(0), {
    inputs: options.decoderChannels.at(-1) ?? 0,
    outputs: options.classes,
    kernel: 3,
    bias: true,
    initial: xavierUniform,
  });
  return {
    parameters: scope.parameters,
    logits: (images, pass) => {
      const input = cast(pass.graph, images, pass.compute);
      const [bottom = input, ...features] = [...encoder.features(input, pass)].reverse();
      const top = blocks.reduce((x, block, at) => block(x, features[at], pass), bottom);
      return head(top, pass);
    },
  };
}
