import type { Schedule } from './schedule.ts';

/** The same rate always. */
export function constantRate(initial: number): Schedule {
  return () => initial;
}
