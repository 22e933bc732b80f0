import { FaultError } from '../../base/fault.ts';
import { balancedWeights } from '../../nn/losses/balanced-weights.ts';
import { wrongLength } from './checks/loss.ts';
import { classCount, type DatasetJson } from '../shards/reader/dataset-json.ts';
import type { Params } from './params.ts';

/**
 * The factor of each trained class, or null for 1 each; `auto` counts the pixels that are trained on, of all copies.
 * Throws ERS_SCHEMA where a list is not as long as the shards have classes, ERS_SHARD where they do not say their pixels,
 * ERS_DATASET_EMPTY where there are none.
 */
export function classWeightsOf(
  asked: Params['loss']['class_weights'],
  train: DatasetJson,
): readonly number[] | null {
  if (asked === null) return null;
  const classes = classCount(train);
  if (asked === 'auto') return balancedWeights(pixelsOf(train, classes));
  if (asked.length === classes) return asked;
  throw new FaultError({
    ...wrongLength(asked.length, classes),
    about: { param: ['loss', 'class_weights'] },
  });
}

/** What `auto` became, e.g. `1.25 for class value 40, 0.8333 for 200.` */
export function sayClassWeights(weights: readonly number[], { classes }: DatasetJson): string {
  const values = classes
    .filter(({ train }) => train !== null)
    .sort((a, b) => (a.train ?? 0) - (b.train ?? 0))
    .map(({ value }) => value);
  const each = weights.map((weight, train) => {
    const absent = weight === 0 ? ', which the train set does not hold' : '';
    const what = train === 0 ? 'class value ' : '';
    return `${Number(weight.toPrecision(4))} for ${what}${values[train] ?? '?'}${absent}`;
  });
  return `loss.class_weights: auto gives ${each.join('; ')}.`;
}

function pixelsOf({ histogram }: DatasetJson, classes: number): readonly number[] {
  const place = { file: 'train/dataset.json' };
  if (histogram?.length !== classes) {
    const has = histogram === undefined ? 'no `histogram`' : `a \`histogram\` of ${histogram.length} numbers`;
    throw new FaultError({
      code: 'ERS_SHARD',
      message: `\`loss.class_weights: auto\` needs the pixels of each of the ${classes} classes; the train shards have ${has}.`,
      place,
      hint: 'Make the shards again: `npx ers run shards --force`; or give the factors as a list.',
    });
  }
  if (histogram.some((pixels) => pixels > 0)) return histogram;
  throw new FaultError({
    code: 'ERS_DATASET_EMPTY',
    message:
      'No pixel of the train set has a class that is trained; `loss.class_weights: auto` has nothing to count.',
    place,
    hint: 'Label more of the masks, or ignore fewer classes.',
  });
}
