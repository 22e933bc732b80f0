/** `1,204`: a whole number with thousands set apart. */
export function sayCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Bytes in decimal units with three significant digits: `412 B`, `61.8 MB`, `1.04 GB`. */
export function sayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  const text = at === 0 || value >= 99.95 ? String(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2);
  return `${text} ${units[at] ?? 'B'}`;
}

/** A duration in seconds as words: `0.4 s`, `42 s`, `2 min 31 s`, `1 h 04 min`. */
export function saySeconds(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

/** A running clock: `0:07`, `2:31`, `1:04:09`. Seconds are cut, not rounded, so that it never runs ahead. */
export function sayClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = padded(whole % 60);
  return hours > 0 ? `${hours}:${padded(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** A rate with about two significant digits: `0.42`, `7.1`, `98`, `1,204`. */
export function sayRate(perSecond: number): string {
  if (perSecond >= 9.95) return sayCount(perSecond);
  return perSecond.toFixed(perSecond >= 0.995 ? 1 : 2);
}

/** A share of 1 as per cent: `52 %`; never 100 % before all is done. */
export function sayShare(done: number, total: number): string {
  if (total <= 0) return '0 %';
  return `${done >= total ? 100 : Math.min(99, Math.floor((100 * done) / total))} %`;
}

/** A metric, a loss or a score: four decimals, or an exponent where those would hide it; whole numbers as counts. */
export function sayScore(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return sayCount(value);
  if (Math.abs(value) < 0.001 || Math.abs(value) >= 100_000) return value.toExponential(2);
  return value.toFixed(4);
}

/** A learning rate: `0.001`, `9.05e-4`. */
export function sayLearningRate(rate: number): string {
  const plain = String(rate);
  return plain.length <= 6 ? plain : rate.toExponential(2);
}

/** `1 stage`, `3 stages`. */
export function plural(count: number, one: string): string {
  return `${sayCount(count)} ${one}${count === 1 ? '' : 's'}`;
}

function padded(count: number): string {
  return String(count).padStart(2, '0');
}
