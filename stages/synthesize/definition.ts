import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';

export const definition = defineStage({
  name: 'synthesize',
  does: 'draws a demo dataset: places with seven land-cover classes, each seen in three months',
  params: Type.Object(
    {
      demo: Type.Object(
        {
          seed: Type.Integer({
            minimum: 0,
            maximum: 4294967295,
            default: 7,
            description: 'another seed draws other places',
          }),
          places: Type.Integer({
            minimum: 1,
            maximum: 400,
            default: 24,
            description: 'how many places (three images and one mask each)',
          }),
          size: Type.Integer({
            minimum: 32,
            maximum: 1024,
            default: 192,
            description: 'width and height in pixels; the same scene at another resolution',
          }),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
  deps: {},
  outs: { dataset: 'folder' },
});
