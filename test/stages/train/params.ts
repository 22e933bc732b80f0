import { Value } from 'typebox/value';
import { definition } from '../../../stages/train/definition.ts';
import type { Params } from '../../../stages/train/params.ts';

type Groups = { readonly [Group in keyof Params]?: Partial<Params[Group]> };

const small: Groups = {
  model: { encoder_name: 'resnet18', decoder_channels: [32, 16, 16, 8, 8] },
  schedule: { T_max: 3 },
  train: { batch_size: 4, max_epochs: 3 },
};

/** A small network and few epochs, with some groups changed; all else as the schema's defaults say. */
export function trainParams(changes: Groups = {}): Params {
  const groups = new Set([...Object.keys(definition.params.properties)]) as Set<keyof Params>;
  const given = Object.fromEntries(
    [...groups].map((group) => [group, { ...small[group], ...changes[group] }]),
  );
  return Value.Parse(definition.params, Value.Default(definition.params, given));
}
