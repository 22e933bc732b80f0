import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { ClassTable } from '../class-table.ts';

export const definition = defineStage({
  name: 'evaluate',
  does: 'scores the best checkpoint on the test set and draws its best, median and worst samples',
  params: Type.Object(
    {
      classes: ClassTable,
      evaluate: Type.Object(
        {
          pictures: Type.Integer({
            minimum: 1,
            maximum: 100,
            default: 3,
            description: 'how many best, how many median and how many worst samples to draw',
          }),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
  deps: { model: 'required', test: 'required' },
  outs: { metrics: 'file', report: 'file', pictures: 'folder' },
  runtime: 'tensorflow',
});
