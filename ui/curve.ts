import type { CurvePoint } from './training.ts';

/** A drawing area of `columns` × `rows` characters; each holds 2 × 4 dots of braille. */
export interface CurveSize {
  readonly columns: number;
  readonly rows: number;
}

/** What the edges of the drawing stand for. */
export interface CurveRange {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** Lines of braille, top first, each `columns` characters long. Points outside the range are moved to its edge. */
export function drawCurve(
  points: readonly CurvePoint[],
  size: CurveSize,
  range: CurveRange,
): readonly string[] {
  const width = size.columns * 2;
  const height = size.rows * 4;
  const dots = new Uint8Array(size.columns * size.rows);
  const set = (x: number, y: number): void => {
    const cell = Math.floor(y / 4) * size.columns + Math.floor(x / 2);
    dots[cell] = (dots[cell] ?? 0) | (bits[(y % 4) * 2 + (x % 2)] ?? 0);
  };
  let last: { readonly x: number; readonly y: number } | undefined;
  for (const { x, value } of perDot(points, width, range)) {
    const share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0.5;
    const y = Math.round((1 - clamp(share)) * (height - 1));
    if (last === undefined) set(x, y);
    else line(last.x, last.y, x, y, set);
    last = { x, y };
  }
  const character = (at: number): string => {
    const pattern = dots[at] ?? 0;
    // Some fonts draw the empty pattern as eight hollow dots.
    return pattern === 0 ? ' ' : String.fromCodePoint(0x2800 + pattern);
  };
  return Array.from({ length: size.rows }, (_, row) =>
    Array.from({ length: size.columns }, (_, column) => character(row * size.columns + column)).join(''),
  );
}

/** Lowest and highest value; a flat curve gets a little room, so that it lies in the middle. */
export function rangeOf(points: readonly CurvePoint[]): { readonly low: number; readonly high: number } {
  const values = points.map((point) => point.value).filter(Number.isFinite);
  if (values.length === 0) return { low: 0, high: 1 };
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (low < high) return { low, high };
  const room = Math.max(Math.abs(low) / 10, 0.01);
  return { low: low - room, high: high + room };
}

/** Bit of each dot in U+2800…U+28FF, row by row, left then right (Unicode, "Braille Patterns"). */
const bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const;

/** The mean of the finite points that fall on each column of dots. */
function perDot(
  points: readonly CurvePoint[],
  width: number,
  range: CurveRange,
): readonly { readonly x: number; readonly value: number }[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { at, value } of points) {
    if (!Number.isFinite(value)) continue;
    const share = range.to > range.from ? (at - range.from) / (range.to - range.from) : 0;
    const x = Math.round(clamp(share) * (width - 1));
    const bin = sums.get(x) ?? { sum: 0, count: 0 };
    bin.sum += value;
    bin.count += 1;
    sums.set(x, bin);
  }
  return [...sums].sort(([a], [b]) => a - b).map(([x, { sum, count }]) => ({ x, value: sum / count }));
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** A straight line of dots between two points, both ends included. */
function line(x0: number, y0: number, x1: number, y1: number, set: (x: number, y: number) => void): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let step = 0; step <= steps; step += 1) {
    set(Math.round(x0 + ((x1 - x0) * step) / steps), Math.round(y0 + ((y1 - y0) * step) / steps));
  }
}
