import type { Random } from '../../base/random.ts';

/** Width and height of a place in its own units (about metres); pixels sample it, whatever their number. */
export const EXTENT = 192;

/** A turned coordinate system about the middle of the place. */
export interface Frame {
  along(u: number, v: number): number;
  across(u: number, v: number): number;
}

/** A frame in any direction. Cosine and sine come from the rational circle: no library function with unlike bits. */
export function randomFrame(random: Random): Frame {
  const t = random.uniform(-1, 1);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const flip = random.next() < 0.5;
  const [x, y] = flip ? [-sin, cos] : [cos, sin];
  const middle = EXTENT / 2;
  return {
    along: (u, v) => (u - middle) * x + (v - middle) * y,
    across: (u, v) => (v - middle) * x - (u - middle) * y,
  };
}

/** A seed for noise. */
export function seedOf(random: Random): number {
  return random.integer(0, 4294967295);
}
