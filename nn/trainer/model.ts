import type { Graph } from '../graph/graph.ts';
import type { Normalisation } from '../normalisation.ts';
import type { EncoderName } from '../encoders/encoder.ts';
import { unet, type Network } from '../unet.ts';

/** What a model is, apart from its weights: everything that its graph depends on. */
export interface ModelOptions {
  readonly encoder: EncoderName;
  readonly decoderChannels: readonly number[];
  readonly channels: number;
  readonly classes: number;
  /** Label of pixels that do not count. */
  readonly ignore: number;
  readonly height: number;
  readonly width: number;
  readonly normalisation: Normalisation;
}

export function buildNetwork(graph: Graph, model: ModelOptions): Network {
  return unet(graph, {
    encoder: model.encoder,
    inChannels: model.channels,
    classes: model.classes,
    decoderChannels: model.decoderChannels,
  });
}
