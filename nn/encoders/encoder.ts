import type { Tensor } from '../graph/graph.ts';
import type { Pass } from '../layers/pass.ts';
import type { Scope } from '../layers/scope.ts';
import { resnet } from './resnet.ts';

/** A backbone that halves the size five times. */
export interface Encoder {
  /** Channels of its five features, from size 1/2 to 1/32. */
  readonly channels: readonly number[];
  features(x: Tensor, pass: Pass): readonly Tensor[];
}

/** Add an encoder: its name here and its line in `makeEncoder`. */
export const encoderNames = ['resnet18', 'resnet34', 'resnet50'] as const;

export type EncoderName = (typeof encoderNames)[number];

export function makeEncoder(scope: Scope, name: EncoderName, inChannels: number): Encoder {
  switch (name) {
    case 'resnet18':
    case 'resnet34':
    case 'resnet50':
      return resnet(scope, name, inChannels);
  }
}
