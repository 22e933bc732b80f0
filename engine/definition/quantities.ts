const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const binary: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const spans: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** A number with K, M, G or T (powers of 1000) or Ki, Mi, Gi or Ti (powers of 1024), and an optional B. */
export const sizePattern = '^[0-9]{1,12}(\\.[0-9]{1,6})? ?([kKmMgGtT]i?)?B?$';

/** A number with s, m or h. */
export const spanPattern = '^[0-9]{1,9}(\\.[0-9]{1,6})? ?[smh]?$';

/** The longest timeout, in seconds: timers of Node end at 2^31 ms, which is a little less than 25 days. */
export const maxTimeout = 24 * 24 * 3600;

/** Text of `sizePattern`, such as `8G`, `1.5 TB` or `512Mi`, or a number, as bytes. */
export function bytesOf(size: string | number): number {
  if (typeof size === 'number') return size;
  const [, number = '', unit = '', i = ''] = /^([\d.]+) ?([a-z]?)(i?)/i.exec(size.replace(/B$/, '')) ?? [];
  return Math.round(Number(number) * ((i === '' ? units : binary)[unit.toLowerCase()] ?? Number.NaN));
}

/** A size as a user may write it, `8G` or `25.2G`. What is asked for is rounded up, so that it never looks like the less that there is. */
export function sayAmount(bytes: number, round: 'up' | 'down' = 'down'): string {
  const [unit, size] = Object.entries(units).findLast(([, each]) => bytes >= each) ?? ['', 1];
  const tenths = (bytes / size) * 10;
  return `${(round === 'up' ? Math.ceil(tenths) : Math.floor(tenths)) / 10}${unit.toUpperCase()}`;
}

/** Text of `spanPattern`, such as `90s`, `30m` or `2h`, or a number of seconds, as seconds. */
export function secondsOf(span: string | number): number {
  if (typeof span === 'number') return span;
  const [, number = '', unit = ''] = /^([\d.]+) ?([a-z]?)$/.exec(span) ?? [];
  return Number(number) * (spans[unit] ?? Number.NaN);
}
