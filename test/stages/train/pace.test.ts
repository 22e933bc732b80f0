import { expect, test } from 'vitest';
import { Pace } from '../../../stages/train/pace.ts';

/** A pace whose clock is read off a list, in ms. */
function paceAt(...times: number[]): Pace {
  return new Pace(() => times.shift() ?? NaN);
}

test('rate and stall of a step count from the step before it, and memory is that of the process', () => {
  const pace = paceAt(1000, 1200, 1300);
  pace.begin();
  expect(pace.step(8, 50)).toMatchObject({ imagesPerSecond: 40, stall: 0.25 });
  const { imagesPerSecond, stall, memory, peakMemory } = pace.step(8, 0);
  expect([imagesPerSecond, stall]).toEqual([80, 0]);
  expect(memory).toBeGreaterThan(1e7);
  expect(peakMemory).toBeGreaterThanOrEqual(memory * 0.9);
});

test('what a step waits for beside its images is a part of its stall, and of no other step', async () => {
  const pace = paceAt(0, 10, 30, 100, 200);
  pace.begin();
  expect(await pace.wait(Promise.resolve('turn'))).toBe('turn');
  expect(pace.step(8, 5)).toMatchObject({ stall: 0.25 });
  expect(pace.step(8, 5)).toMatchObject({ stall: 0.05 });
});

test('the summary weighs steps by their time, and leaves out what lies between epochs', () => {
  const pace = paceAt(0, 100, 5000, 5100, 5300);
  pace.begin();
  pace.step(4, 10);
  pace.begin();
  pace.step(4, 0);
  pace.step(8, 2);
  expect(pace.summary()).toMatch(
    /^3 steps at 40\.0 images\/s, 3\.00 % of their time waiting for data \(1\.00 % of the median step\), at most \d+\.\d\d GB of memory\.$/,
  );
});

test('one step is one step', () => {
  const pace = paceAt(0, 100);
  pace.begin();
  pace.step(8, 0);
  expect(pace.summary()).toMatch(/^1 step at 80\.0 images\/s, /);
});

test('waiting for a saving is no part of a step and stands by itself in the summary', async () => {
  const pace = paceAt(0, 100, 100, 2600, 2700, 2700, 3200);
  pace.begin();
  expect(pace.step(8, 0)).toMatchObject({ imagesPerSecond: 80 });
  await pace.save(Promise.resolve());
  expect(pace.step(8, 0)).toMatchObject({ imagesPerSecond: 80, stall: 0 });
  await pace.save(Promise.resolve());
  expect(pace.summary()).toMatch(
    /^2 steps at 80\.0 images\/s, .*, 3\.0 s beside them waiting for checkpoints, at most /,
  );
});

test('without a step there is nothing to say', () => {
  expect(paceAt().summary()).toBeUndefined();
});
