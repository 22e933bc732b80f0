import type { Scope } from '../layers/scope.ts';
import type { Backbone } from './backbone.ts';
import { resnet } from './resnet.ts';

/** Add an encoder: its name here and its line in `makeEncoder`. */
export const encoderNames = ['resnet18', 'resnet34', 'resnet50'] as const;

export type EncoderName = (typeof encoderNames)[number];

export function makeEncoder(scope: Scope, name: EncoderName, inChannels: number): Backbone {
  switch (name) {
    case 'resnet18':
    case 'resnet34':
    case 'resnet50':
      return resnet(scope, name, inChannels);
  }
}
