import { expect, test } from 'vitest';
import { cosSin } from '../../imaging/trigonometry.ts';

test('cosine and sine agree with Math within 1e-14 from -720 to 720 degrees and 4e-16 from 0 to 45', () => {
  for (let degrees = -720; degrees <= 720; degrees += 0.37) {
    const { cos, sin } = cosSin(degrees);
    const whole = ((degrees % 360) * Math.PI) / 180;
    expect(Math.abs(cos - Math.cos(whole))).toBeLessThan(1e-14);
    expect(Math.abs(sin - Math.sin(whole))).toBeLessThan(1e-14);
  }
  for (let degrees = 0; degrees <= 45; degrees += 0.01) {
    const radians = degrees * (Math.PI / 180);
    expect(Math.abs(cosSin(degrees).cos - Math.cos(radians))).toBeLessThan(4e-16);
    expect(Math.abs(cosSin(degrees).sin - Math.sin(radians))).toBeLessThan(4e-16);
  }
});

test('quarter turns are exact', () => {
  const exact = [-180, -90, 0, 90, 180, 270].map((degrees) => {
    const { cos, sin } = cosSin(degrees);
    return [cos + 0, sin + 0];
  });
  expect(exact).toEqual([
    [-1, 0],
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);
});
