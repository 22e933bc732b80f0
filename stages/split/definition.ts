import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { check } from './check.ts';

const fraction = (what: string, share: number) =>
  Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: share,
    description: `share of masks for ${what}; the three add up to 1`,
  });

export const definition = defineStage({
  name: 'split',
  does: 'parts the masks into training, validation and test sets, stratified by the classes they hold',
  params: Type.Object(
    {
      split: Type.Object(
        {
          seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 42 }),
          train: fraction('training', 0.7),
          val: fraction('validation', 0.15),
          test: fraction('the test', 0.15),
          min_group: Type.Integer({
            minimum: 1,
            maximum: 10000,
            default: 6,
            description: 'a class group with fewer masks is rare',
          }),
          rare: Type.Union([Type.Literal('merge'), Type.Literal('train'), Type.Literal('drop')], {
            default: 'merge',
            description: 'masks of rare groups: stratified together, all for training, or left out',
          }),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
  deps: { catalog: 'required' },
  outs: { train: 'file', val: 'file', test: 'file', manifest: 'file' },
  check,
});
