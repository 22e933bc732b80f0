import { FaultError } from '../../base/fault.ts';
import type { Dataset } from '../shards/reader/dataset.ts';

/** The fault for a loss that became NaN or infinite: where, and on which samples of `dataset`. */
export function notFinite(
  loss: number,
  where: string,
  dataset: Dataset,
  samples: readonly number[],
): FaultError {
  const keys = samples.map((sample) => dataset.keys[sample] ?? '?');
  return new FaultError({
    code: 'ERS_LOSS_NOT_FINITE',
    message: `The loss became ${loss} at ${where}, on the samples ${keys.join(', ')}.`,
    hint: 'Lower `optimizer.lr`, or look at these samples; weights from an encoder file may be damaged.',
  });
}
