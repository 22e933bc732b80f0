import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSamples, type SampleScore } from '../../../stages/evaluate/scores.ts';

const sample = (key: string, iou: number): SampleScore => ({ key, name: key, period: null, iou });

describe('chooseSamples', () => {
  it('takes the best, the middle and the worst', () => {
    const samples = [0.1, 0.9, 0.5, 0.3, 0.7].map((iou) => sample(`s${iou}`, iou));
    expect(chooseSamples(samples, 1).map(({ key, standing }) => `${standing} ${key}`)).toEqual([
      'best s0.9',
      'median s0.5',
      'worst s0.1',
    ]);
  });

  it('ranks the worst from the worst up', () => {
    const samples = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((iou) => sample(`s${iou}`, iou));
    const worst = chooseSamples(samples, 2).filter(({ standing }) => standing === 'worst');
    expect(worst.map(({ key, rank }) => `${rank} ${key}`)).toEqual(['1 s0.1', '2 s0.2']);
  });

  it('never draws a sample twice, however few there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        (ious, count) => {
          const keys = chooseSamples(
            ious.map((iou, at) => sample(`k${at}`, iou)),
            count,
          ).map(({ key }) => key);
          expect(new Set(keys).size).toBe(keys.length);
          expect(keys.length).toBe(Math.min(ious.length, 3 * count));
        },
      ),
    );
  });
});
