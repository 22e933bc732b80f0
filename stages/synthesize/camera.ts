import { blankRaster, type Raster } from '../../imaging/raster.ts';
import { EXTENT } from './frame.ts';
import { chance, clamp, noise } from './noise.ts';
import type { Season } from './season.ts';

const HAZE = [196, 204, 214] as const;
/** Share of grey in every colour: air and sensors mute them. */
const MUTED = 0.22;
/** Standard deviation of the sensor's noise in grey levels. */
const GRAIN = 3;

/** A photograph: optics that soften, haze, the light of the day, grain, eight bits. */
export function photograph(light: Float64Array, size: number, season: Season, seed: number): Raster {
  const soft = soften(soften(light, size, 3, size), size, size * 3, size);
  const picture = blankRaster(size, size, 3);
  const unit = EXTENT / size;
  for (let at = 0; at < size * size; at += 1) {
    const x = (at % size) * unit;
    const y = Math.floor(at / size) * unit;
    const veil = season.haze * (1 + 0.8 * noise(seed, x / 110, y / 110));
    const grey = ((soft[at * 3] ?? 0) + 2 * (soft[at * 3 + 1] ?? 0) + (soft[at * 3 + 2] ?? 0)) / 4;
    for (let channel = 0; channel < 3; channel += 1) {
      const colour = soft[at * 3 + channel] ?? 0;
      const seen = (colour + (grey - colour) * MUTED) * (season.light[channel] ?? 1);
      const hazed = seen + ((HAZE[channel] ?? 0) - seen) * veil;
      const level = hazed + GRAIN * grain(seed + channel, at);
      picture.pixels[at * 3 + channel] = Math.floor(clamp(level, 0, 255) + 0.5);
    }
  }
  return picture;
}

/** About normal, variance 1: the sum of four uniform numbers. */
function grain(seed: number, at: number): number {
  const sum = chance(seed, at, 1) + chance(seed, at, 2) + chance(seed, at, 3) + chance(seed, at, 4);
  return (sum - 2) * 1.7320508075688772;
}

/** Means with weights 1, 4, 1 along rows (`step` 3) or columns (`step` of a row); `size` samples a line. */
function soften(light: Float64Array, size: number, step: number, lines: number): Float64Array {
  const soft = new Float64Array(light.length);
  const across = step === 3 ? size * 3 : 3;
  for (let line = 0; line < lines; line += 1) {
    for (let at = 0; at < size; at += 1) {
      const here = line * across + at * step;
      const before = at > 0 ? here - step : here;
      const after = at + 1 < size ? here + step : here;
      for (let channel = 0; channel < 3; channel += 1) {
        const sum =
          (light[before + channel] ?? 0) + 4 * (light[here + channel] ?? 0) + (light[after + channel] ?? 0);
        soft[here + channel] = sum / 6;
      }
    }
  }
  return soft;
}
