import { describe, expect, it } from 'vitest';
import { drawCurve, rangeOf } from '../../ui/curve.ts';

const size = { columns: 8, rows: 2 };

describe('a curve in braille', () => {
  it('draws a falling line from the upper left to the lower right', () => {
    const points = [
      { at: 0, value: 1 },
      { at: 1, value: 0 },
    ];
    expect(drawCurve(points, size, { from: 0, to: 1, low: 0, high: 1 })).toEqual(['⠉⠒⠤⣀    ', '    ⠉⠒⠤⣀']);
  });

  it('leaves the part that is not trained yet empty', () => {
    const points = [
      { at: 0, value: 1 },
      { at: 1, value: 0 },
    ];
    const [top, bottom] = drawCurve(points, size, { from: 0, to: 2, low: 0, high: 1 });
    expect(top?.slice(4).trim()).toBe('');
    expect(bottom?.slice(5).trim()).toBe('');
  });

  it('takes the mean of points that fall on one dot and skips a loss that is not finite', () => {
    const points = [
      { at: 0, value: 0 },
      { at: 0, value: 1 },
      { at: 0.5, value: Number.NaN },
    ];
    expect(drawCurve(points, { columns: 1, rows: 1 }, { from: 0, to: 1, low: 0, high: 1 })).toEqual(['⠄']);
  });

  it('puts a flat curve in the middle', () => {
    expect(rangeOf([{ at: 0, value: 3 }])).toEqual({ low: 2.7, high: 3.3 });
  });

  it('has nothing to draw without points', () => {
    expect(rangeOf([])).toEqual({ low: 0, high: 1 });
    expect(drawCurve([], size, { from: 0, to: 1, low: 0, high: 1 })).toEqual([' '.repeat(8), ' '.repeat(8)]);
  });
});
