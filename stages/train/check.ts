import type { Around, ParamFault } from '../../engine/stage.ts';
import { checkLoss, type LossParams } from './checks/loss.ts';
import { checkNumbers, type NumberParams } from './checks/numbers.ts';
import { checkRate, type RateParams } from './checks/rate.ts';
import { checkUnused, type Settings } from './checks/unused.ts';
import { oneValue } from './one-value.ts';

type TrainParams = RateParams &
  NumberParams &
  Settings & { readonly loss: LossParams; readonly train: { readonly batch_size: number } };

/** What the schema cannot say: the settings fit each other and the stages above, and each that is stated is read. */
export function check(params: TrainParams, { statedBy, above }: Around): readonly ParamFault[] {
  const size = above('shards', 'image.img_size');
  return [
    ...checkLoss(params.loss, { statedBy, above }),
    ...checkRate(params, statedBy),
    ...checkNumbers(params),
    ...checkUnused(params, statedBy),
    ...(typeof size === 'number' ? checkBatch(params.train.batch_size, size) : []),
  ];
}

/** Whether the last batch is one sample is known only with the shards; that each is one, now. */
function checkBatch(batchSize: number, size: number): readonly ParamFault[] {
  if (batchSize > 1) return [];
  const fault = oneValue({ samples: 2, batchSize, height: size, width: size });
  return fault === undefined ? [] : [{ ...fault, path: ['train', 'batch_size'] }];
}
