import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { ClassTable } from '../class-table.ts';

export const definition = defineStage({
  name: 'package',
  does: 'makes the trained model ready to travel: weights for smp, a SavedModel for TensorFlow, and all that describes them',
  params: Type.Object({ classes: ClassTable }, { additionalProperties: false }),
  deps: { model: 'required' },
  outs: { model: 'folder' },
});
