import { canonical } from '../../base/canonical.ts';
import { FaultError } from '../../base/fault.ts';
import type { Predictor } from '../../nn/predict.ts';
import { classCount, type DatasetJson } from '../shards/reader/dataset-json.ts';

/** A model sees samples of the very shape and classes that it was trained on. Throws ERS_SIZE_MISMATCH, ERS_CLASS_TABLE. */
export function checkFits(
  model: Pick<Predictor, 'height' | 'width' | 'channels' | 'classes'>,
  test: DatasetJson,
): void {
  const asks = say(model, model.classes.filter(({ train }) => train !== null).length);
  const has = say(test, classCount(test));
  if (asks === has) {
    checkClasses(model, test);
    return;
  }
  throw new FaultError({
    code: 'ERS_SIZE_MISMATCH',
    message: `The model was trained on samples of ${asks}; the test samples have ${has}.`,
    place: { file: 'test/dataset.json' },
    hint: 'Take both from one configuration: `image.img_size`, `image.channels`, `image.periods` and `classes` must be alike.',
  });
}

/** As many classes that are numbered otherwise would be scored as if they were the same. */
function checkClasses(model: Pick<Predictor, 'classes'>, test: DatasetJson): void {
  const numbers = (classes: Predictor['classes']) =>
    canonical(classes.map(({ value, train }) => ({ value, train })));
  if (numbers(model.classes) === numbers(test.classes)) return;
  throw new FaultError({
    code: 'ERS_CLASS_TABLE',
    message: 'The model was trained with other classes than the test samples have.',
    place: { file: 'test/dataset.json' },
    hint: 'Train anew with the class table as it is, or put the old one back.',
  });
}

function say(
  { height, width, channels }: Pick<DatasetJson, 'height' | 'width' | 'channels'>,
  classes: number,
): string {
  return `${height}×${width} pixels, ${channels} ${channels === 1 ? 'band' : 'bands'} and ${classes} classes`;
}
