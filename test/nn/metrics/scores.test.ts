import { describe, expect, test } from 'vitest';
import {
  addConfusion,
  classCounts,
  confusionOf,
  confusionsOf,
  emptyConfusion,
} from '../../../nn/metrics/confusion.ts';
import { formulas } from '../../../nn/metrics/formulas.ts';
import { reduce } from '../../../nn/metrics/reduce.ts';
import { meanOfPresent, microImagewiseIou, perClass, pixelAccuracy } from '../../../nn/metrics/scores.ts';

// Two images of 2×2 and their arg-max predictions; smp gives the scores below for them.
const images = [
  confusionOf([0, 1, 0, 1], [0, 1, 0, 1], 3, 255),
  confusionOf([1, 1, 1, 1], [1, 1, 0, 1], 3, 255),
];

describe('two images that smp scored', () => {
  test('true and false positives and negatives of each class', () => {
    expect(images.map((image) => classCounts(image).map(({ tp, fp, fn }) => [tp, fp, fn]))).toEqual([
      [
        [2, 0, 0],
        [2, 0, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 1],
        [3, 1, 0],
        [0, 0, 0],
      ],
    ]);
  });

  test('IoU in the four reductions without weights', () => {
    expect(reduce(formulas.iou_score, 'micro', images)).toBeCloseTo(0.777778, 6);
    expect(reduce(formulas.iou_score, 'macro', images)).toBeCloseTo(0.833333, 6);
    expect(reduce(formulas.iou_score, 'macro-imagewise', images)).toBeCloseTo(0.791667, 6);
    expect(microImagewiseIou(images)).toBeCloseTo(0.8, 12);
  });

  test('a class that is nowhere has no IoU and no F1 of its own', () => {
    const total = emptyConfusion(3);
    for (const image of images) addConfusion(total, image);
    expect(perClass('iou_score', total)).toEqual([2 / 3, 5 / 6, null]);
    expect(perClass('f1_score', total)).toEqual([4 / 5, 10 / 11, null]);
    expect(meanOfPresent('iou_score', total)).toBeCloseTo((2 / 3 + 5 / 6) / 2, 12);
    expect(pixelAccuracy(total)).toBe(7 / 8);
  });
});

test('a class that is labelled and never predicted has no precision, one that is only predicted has no recall', () => {
  const image = confusionOf([1, 1, 2], [0, 1, 1], 3, 255);
  expect(perClass('precision', image)).toEqual([null, 1 / 2, 0]);
  expect(perClass('recall', image)).toEqual([0, 1 / 2, null]);
  expect(perClass('iou_score', image)).toEqual([0, 1 / 3, 0]);
});

test('an image without any counted pixel scores 1, as with smp and zero_division=1', () => {
  const nothing = confusionOf([0, 1], [255, 255], 2, 255);
  expect(nothing.counts).toEqual(new Float64Array(4));
  expect(microImagewiseIou([nothing])).toBe(1);
  expect(pixelAccuracy(nothing)).toBe(1);
});

test('without ignored pixels the IoU of an image is a/(2−a) for its accuracy a', () => {
  const image = confusionOf([0, 1, 2, 0, 1], [0, 2, 2, 1, 1], 3, 255);
  const accuracy = pixelAccuracy(image);
  expect(accuracy).toBe(3 / 5);
  expect(microImagewiseIou([image])).toBeCloseTo(accuracy / (2 - accuracy), 12);
});

test('counts that come back from the graph are cut into images', () => {
  const [first, second] = confusionsOf(Int32Array.of(1, 0, 0, 2, 3, 4, 0, 0), 2);
  expect([...(first?.counts ?? [])]).toEqual([1, 0, 0, 2]);
  expect([...(second?.counts ?? [])]).toEqual([3, 4, 0, 0]);
});

test('a label outside the classes is a bug, not a count', () => {
  expect(() => confusionOf([0], [7], 3, 255)).toThrow('Internal error: label 7');
});
