import { expect, test } from 'vitest';
import { cosineAnnealing } from '../../../nn/schedules/cosine-annealing.ts';

// torch.optim.lr_scheduler.CosineAnnealingLR(T_max=50, eta_min=1e-6) from 1e-3, run over 200 epochs.
const torch: readonly (readonly [number, number])[] = [
  [0, 1e-3],
  [1, 9.990143508e-4],
  [10, 9.046039887e-4],
  [25, 5.005e-4],
  [49, 1.985649e-6],
  [50, 1e-6],
  [51, 1.985649e-6],
  [100, 1e-3],
  [150, 1e-6],
  [199, 9.990143508e-4],
];

test.each(torch)('epoch %i has the learning rate %f of PyTorch, also beyond T_max', (epoch, rate) => {
  const schedule = cosineAnnealing({ initial: 1e-3, minimum: 1e-6, T_max: 50 });
  expect(Math.abs(schedule({ epoch, step: 0 }) - rate)).toBeLessThan(1e-12);
});
