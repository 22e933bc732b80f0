import { expect, test } from 'vitest';
import { Grace } from '../../../engine/attempt/grace.ts';

test('a stage that says nothing has four seconds, and one that needs less has them too', () => {
  const grace = new Grace();
  expect(grace.endOf(1000)).toBe(5000);
  grace.hear(1, 500);
  expect(grace.endOf(1000)).toBe(5000);
});

test('what it said before the stop counts from the stop, what it says later from then, and the newest word counts', () => {
  const grace = new Grace();
  grace.hear(20, 0);
  expect(grace.endOf(1000)).toBe(21_000);
  grace.hear(120, 15_000);
  expect(grace.endOf(1000)).toBe(135_000);
  grace.hear(4, 30_000);
  expect(grace.endOf(1000)).toBe(34_000);
});

test('five minutes after the stop a stage is ended, whatever it says', () => {
  const grace = new Grace();
  grace.hear(Infinity, 0);
  expect(grace.endOf(1000)).toBe(301_000);
  grace.hear(120, 290_000);
  expect(grace.endOf(1000)).toBe(301_000);
});

test('what is no number leaves what was said before', () => {
  const grace = new Grace();
  grace.hear(20, 0);
  for (const seconds of ['soon', null, NaN]) grace.hear(seconds, 0);
  expect(grace.endOf(1000)).toBe(21_000);
});
