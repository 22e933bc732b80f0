import { expect, test } from 'vitest';
import type { StageEvent } from '../../../engine/stage.ts';
import { LongSteps } from '../../../stages/train/long-steps.ts';

test('the engine is told of steps that a stop would have to wait for, and again only of much longer ones', () => {
  const told: StageEvent[] = [];
  const steps = new LongSteps((event) => void told.push(event));
  for (const ms of [900, 1000]) steps.took(ms);
  expect(told).toEqual([]);
  for (const ms of [8000, 3000, 9900, 20_000]) steps.took(ms);
  expect(told).toEqual([
    { type: 'grace', seconds: 28 },
    { type: 'grace', seconds: 64 },
  ]);
});
