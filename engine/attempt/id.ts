import { randomBytes } from 'node:crypto';

/** Digits of a time in an id: enough for all years to come, so that ids sort by time. */
const timeDigits = 9;

/** A name that no other attempt has, and that sorts after those of earlier attempts. `now` in ms since 1970. */
export function newAttemptId(now: number): string {
  return `${now.toString(36).padStart(timeDigits, '0')}-${randomBytes(6).toString('hex')}`;
}

/** When an attempt began, ms since 1970; undefined if it was not named by `newAttemptId`. */
export function startOf(id: string): number | undefined {
  const [, time] = /^([0-9a-z]{9})-[0-9a-f]{12}$/.exec(id) ?? [];
  return time === undefined ? undefined : Number.parseInt(time, 36);
}
