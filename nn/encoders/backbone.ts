import type { Tensor } from '../graph/graph.ts';
import type { Pass } from '../layers/pass.ts';

/** An encoder's network, which halves the size five times. */
export interface Backbone {
  /** Channels of its five features, from size 1/2 to 1/32. */
  readonly channels: readonly number[];
  features(x: Tensor, pass: Pass): readonly Tensor[];
}
