import { byCodeUnit } from '../../base/canonical.ts';
import type { Contender } from './contenders.ts';

/** Whether more of a metric is better. */
export type Best = 'highest' | 'lowest';

/** Best first; those without the metric last. Ties by name. */
export function rank(
  all: readonly Contender[],
  metric: string | undefined,
  best: Best,
): readonly Contender[] {
  const sign = best === 'highest' ? -1 : 1;
  const valueOf = ({ metrics }: Contender): number => {
    const value = metric === undefined ? undefined : metrics[metric];
    return value === undefined ? Infinity : sign * value;
  };
  const difference = (a: Contender, b: Contender): number => {
    const [one, other] = [valueOf(a), valueOf(b)];
    return one === other ? 0 : one - other;
  };
  return all.toSorted((a, b) => difference(a, b) || byCodeUnit(a.name, b.name));
}

/** Words in the name of a metric of which less is better. */
const lowWords = new Set(
  'cost cer distance err error errors fnr fpr latency loss mae mape ms mse nll perplexity rmse seconds size time wer'.split(
    ' ',
  ),
);

/** By its own name, without that of its stage: `val_loss` is better low, `test_iou` high. */
export function bestOf(metric: string): Best {
  return metric
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => lowWords.has(word))
    ? 'lowest'
    : 'highest';
}
