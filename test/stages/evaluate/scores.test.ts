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

  it('gives each standing its share of a small test set, and the best is best', () => {
    const samples = [0.1, 0.2, 0.3, 0.4, 0.5].map((iou) => sample(`s${iou}`, iou));
    const said = (few: readonly SampleScore[]) =>
      chooseSamples(few, 3).map(({ key, standing, rank }) => `${standing}-${rank} ${key}`);
    expect(said(samples)).toEqual([
      'best-1 s0.5',
      'best-2 s0.4',
      'median-1 s0.3',
      'worst-1 s0.1',
      'worst-2 s0.2',
    ]);
    expect(said(samples.slice(3))).toEqual(['best-1 s0.5', 'worst-1 s0.4']);
    expect(said(samples.slice(4))).toEqual(['best-1 s0.5']);
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
      { seed: 1 },
    );
  });
});
