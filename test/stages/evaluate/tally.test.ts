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
    expect(scores.perClass[2]).toEqual({ train: 2, pixels: 0, iou: null, f1: null });
    expect(scores.perClass[0]?.iou).toBeCloseTo(2 / 3, 12);
    expect(scores.perClass[1]?.iou).toBeCloseTo(5 / 6, 12);
    expect(scores.meanIou).toBeCloseTo((2 / 3 + 5 / 6) / 2, 12);
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
