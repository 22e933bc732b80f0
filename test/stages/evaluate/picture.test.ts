import { describe, expect, it } from 'vitest';
import { drawComparison } from '../../../stages/evaluate/picture.ts';

describe('drawComparison', () => {
  it('draws image, truth, prediction and error side by side, with four white pixels between', () => {
    const sheet = drawComparison({
      images: [
        {
          width: 1,
          height: 3,
          channels: 3,
          pixels: Uint8Array.from([100, 100, 100, 50, 60, 70, 0, 0, 0]),
        },
      ],
      truth: Uint8Array.from([0, 0, 255]),
      prediction: Uint8Array.from([0, 1, 1]),
      colours: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      ignore: 255,
    });
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([16, 3, 3]);
    const at = (x: number, y: number) => [...sheet.pixels.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
    expect([0, 5, 10, 15].map((x) => at(x, 0))).toEqual([
      [100, 100, 100],
      [1, 2, 3],
      [1, 2, 3],
      [60, 60, 60],
    ]);
    expect([0, 5, 10, 15].map((x) => at(x, 1))).toEqual([
      [50, 60, 70],
      [1, 2, 3],
      [4, 5, 6],
      [230, 57, 70],
    ]);
    expect(at(5, 2)).toEqual([24, 24, 28]);
    expect(at(15, 2)).toEqual([24, 24, 28]);
    expect(at(2, 1)).toEqual([255, 255, 255]);
  });

  it('draws each date of a stack, and the errors over the first', () => {
    const date = (grey: number) => ({ width: 1, height: 1, channels: 1, pixels: Uint8Array.of(grey) });
    const sheet = drawComparison({
      images: [date(100), date(200)],
      truth: Uint8Array.of(0),
      prediction: Uint8Array.of(0),
      colours: [[1, 2, 3]],
      ignore: 255,
    });
    expect([sheet.width, sheet.height]).toEqual([21, 1]);
    const reds = [0, 5, 10, 15, 20].map((x) => sheet.pixels[x * 3]);
    expect(reds).toEqual([100, 200, 1, 1, 60]);
  });
});
