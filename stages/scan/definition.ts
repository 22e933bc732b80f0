import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { ClassTable } from '../class-table.ts';
import { ImageChannels } from '../image-channels.ts';
import { check } from './check.ts';

export const definition = defineStage({
  name: 'scan',
  does: 'reads every image and mask once: refuses bad data, counts pixels a class, lists the catalog',
  params: Type.Object(
    {
      names: Type.Object(
        {
          images: Type.String({
            minLength: 1,
            description:
              'pattern of image paths in the dataset: {name}, and {period} if a mask has several images',
          }),
          masks: Type.String({ minLength: 1, description: 'pattern of mask paths in the dataset: {name}' }),
        },
        { additionalProperties: false },
      ),
      classes: ClassTable,
      'image.channels': ImageChannels,
    },
    { additionalProperties: false },
  ),
  deps: { dataset: 'required' },
  outs: { catalog: 'file', report: 'file' },
  check,
});
