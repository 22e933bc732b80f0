/**
 * Noise from integer hashes. Only additions, multiplications, divisions, comparisons and floor: the same bits in every
 * version of Node. Coordinates are in any unit; features of noise are about one unit wide.
 */

/** A 32-bit hash of a lattice point (Murmur3's finalizer over mixed coordinates). */
export function hash(seed: number, x: number, y: number): number {
  let h = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in [0, 1). */
export function chance(seed: number, x: number, y = 0): number {
  return hash(seed, x, y) / 4294967296;
}

/** Gradient noise (Perlin, with hashed gradients), about −0.7…0.7, mean 0. */
export function noise(seed: number, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const u = x - left;
  const v = y - top;
  const across = fade(u);
  const upper = mix(slope(seed, left, top, u, v), slope(seed, left + 1, top, u - 1, v), across);
  const lower = mix(
    slope(seed, left, top + 1, u, v - 1),
    slope(seed, left + 1, top + 1, u - 1, v - 1),
    across,
  );
  return mix(upper, lower, fade(v));
}

/** Sum of octaves, each twice as fine and half as strong: about −1…1. */
export function fractal(seed: number, x: number, y: number, octaves: number): number {
  let sum = 0;
  let scale = 1;
  let weight = 1;
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += weight * noise(seed + octave * 101, x * scale, y * scale);
    scale *= 2;
    weight *= 0.5;
  }
  return sum;
}

/** The nearest of scattered points, one in each unit cell. */
export interface Nearest {
  /** Squared distance. */
  readonly distance: number;
  /** From the point to here. */
  readonly dx: number;
  readonly dy: number;
  /** A number of the point, for its own chances. */
  readonly id: number;
}

export function nearest(seed: number, x: number, y: number): Nearest {
  const column = Math.floor(x);
  const row = Math.floor(y);
  let best = { distance: Infinity, dx: 0, dy: 0, id: 0 };
  for (let j = row - 1; j <= row + 1; j += 1) {
    for (let i = column - 1; i <= column + 1; i += 1) {
      const id = hash(seed, i, j);
      const dx = x - i - (id & 65535) / 65536;
      const dy = y - j - (id >>> 16) / 65536;
      const distance = dx * dx + dy * dy;
      if (distance < best.distance) best = { distance, dx, dy, id };
    }
  }
  return best;
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** 0 below `low`, 1 above `high`, a smooth step between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = clamp((value - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

function fade(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

function slope(seed: number, x: number, y: number, u: number, v: number): number {
  const h = hash(seed, x, y);
  return ((h & 65535) / 32767.5 - 1) * u + ((h >>> 16) / 32767.5 - 1) * v;
}
