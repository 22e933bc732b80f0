import { Text } from 'ink';
import type { ReactElement } from 'react';
import { rateOf, timeLeft, type Meter } from '../meter.ts';
import { sayClock, sayShare } from '../units.ts';
import { ProgressBar } from './progress-bar.tsx';

export interface ProgressLineProps {
  readonly done: number;
  readonly total: number;
  readonly meter: Meter;
  readonly width: number;
  /** `340 of 1,000 samples`. */
  readonly amount: string;
  /** `98 samples/s` for 98. */
  readonly sayPace: (perSecond: number) => string;
}

/** Bar, per cent, amount, rate, time left. */
export function ProgressLine({
  done,
  total,
  meter,
  width,
  amount,
  sayPace,
}: ProgressLineProps): ReactElement {
  const rate = rateOf(meter);
  const left = timeLeft(meter, total);
  const parts = [
    sayShare(done, total).padStart(5),
    amount,
    ...(rate === undefined ? [] : [sayPace(rate)]),
    ...(left === undefined || done >= total ? [] : [`${sayClock(Math.ceil(left))} left`]),
  ];
  const text = parts.join('  ');
  const bar = Math.min(40, Math.max(6, width - text.length - 2));
  return (
    <Text wrap="truncate-end">
      <ProgressBar share={total > 0 ? done / total : 0} width={bar} />
      {` ${text}`}
    </Text>
  );
}
