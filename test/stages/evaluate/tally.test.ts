import { describe, expect, it } from 'vitest';
import { confusionOf } from '../../../nn/metrics/confusion.ts';
import { scoreOf, tally, type Judged } from '../../../stages/evaluate/tally.ts';

const ignore = 255;

/** Two 2×2 images that smp 0.5.0 scores 0.8 in micro-imagewise reduction. */
const golden: readonly Judged[] = [
  { key: 'a', name: 'a', period: '6', confusion: confusionOf([0, 1, 0, 1], [0, 1, 0, 1], 3, ignore) },
  { key: 'b', name: 'b', period: '7', confusion: confusionOf([1, 1, 1, 1], [1, 1, 0, 1], 3, ignore) },
];

describe('tally', () => {
  it("gives smp's micro-imagewise IoU on smp's own example", () => {
    expect(tally(golden, 3).iou).toBeCloseTo(0.8, 12);
    expect(scoreOf(golden[1] as Judged).iou).toBeCloseTo(0.6, 12);
  });

  it('scores a class that neither truth nor prediction has as null, and leaves it out of the means', () => {
    const scores = tally(golden, 3);
    expect(scores.perClass[2]).toEqual({
      train: 2,
      pixels: 0,
      iou: null,
      f1: null,
      precision: null,
      recall: null,
    });
    expect(scores.perClass[0]?.iou).toBeCloseTo(2 / 3, 12);
    expect(scores.perClass[1]?.iou).toBeCloseTo(5 / 6, 12);
    expect(scores.meanIou).toBeCloseTo((2 / 3 + 5 / 6) / 2, 12);
  });

  it('tells precision and recall of each class', () => {
    const [first, second] = tally(golden, 3).perClass;
    // Class 0: 2 of 2 calls right, 2 of 3 pixels found. Class 1: 5 of 6 calls right, all 5 found.
    expect([first?.precision, first?.recall]).toEqual([1, 2 / 3]);
    expect([second?.precision, second?.recall]).toEqual([5 / 6, 1]);
  });

  it("tells smp's scores in five reductions", () => {
    const { iou_score: iou, accuracy } = tally(golden, 3).reduced;
    const rounded = Object.entries(iou ?? {}).map(([name, value]) => [name, Number(value?.toFixed(6))]);
    expect(Object.fromEntries(rounded)).toEqual({
      micro: 0.777778,
      macro: 0.833333,
      // (3·2/3 + 5·5/6)/8: class 0 has 3 pixels, class 1 has 5.
      weighted: 0.770833,
      'micro-imagewise': 0.8,
      'macro-imagewise': 0.791667,
    });
    // Of 3·8 answers “this class or not” 22 are right.
    expect(accuracy?.['micro']).toBeCloseTo(22 / 24, 12);
  });

  it('has no score, rather than NaN, where every pixel is ignored', () => {
    const nothing = confusionOf([0], [ignore], 2, ignore);
    const { reduced } = tally([{ key: 'a', name: 'a', period: null, confusion: nothing }], 2);
    expect(reduced['iou_score']).toEqual({
      micro: null,
      macro: 1,
      weighted: null,
      'micro-imagewise': 1,
      'macro-imagewise': 1,
    });
  });

  it('scores the commonest class as if it had been answered everywhere', () => {
    // Class 1 has 5 of 8 pixels: 2 of 4 right in a (IoU 2/6), 3 of 4 right in b (IoU 3/5).
    expect(tally(golden, 3).commonest).toEqual({ train: 1, iou: (2 / 6 + 3 / 5) / 2, pixelAccuracy: 5 / 8 });
  });

  it('counts no pixel that truth ignores', () => {
    const half = confusionOf([0, 1, 1, 1], [0, ignore, ignore, 1], 2, ignore);
    const scores = tally([{ key: 'a', name: 'a', period: null, confusion: half }], 2);
    expect(scores.confusion).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(scores.pixelAccuracy).toBe(1);
    expect(scores.perPeriod).toEqual([]);
  });

  it('scores each period apart, in order', () => {
    const [first, second] = tally(golden.toReversed(), 3).perPeriod;
    expect(first).toEqual({ period: '6', samples: 1, iou: 1 });
    expect(second?.period).toBe('7');
    expect(second?.iou).toBeCloseTo(0.6, 12);
  });
});
