import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const spans: Readonly<Record<string, number>> = { h: 3600e3, d: 24 * 3600e3, w: 7 * 24 * 3600e3 };

/** What `ers gc` keeps without options: 50 GB, and what was used within 30 days. */
export const defaultCap = { maxBytes: 50e9, maxAge: 30 * 24 * 3600e3 } as const;

/** `20G`, `1.5 TB`, `500000` as bytes; decimal units, as everywhere in ers. */
export function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?) ?([kmgt]?)b?$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  if (number === '' || factor === undefined)
    throw new InvalidArgumentError('Expected a size such as 20G or 500M.');
  return Math.round(Number(number) * factor);
}

/** `30d`, `12h`, `2w` as ms. */
export function spanOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6}) ?([hdw])$/i.exec(text) ?? [];
  const factor = spans[unit.toLowerCase()];
  if (number === '' || factor === undefined)
    throw new InvalidArgumentError('Expected a time such as 30d, 12h or 2w.');
  return Number(number) * factor;
}
