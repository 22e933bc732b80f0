import { expect, test } from 'vitest';
import { sayUndecayed } from '../../../stages/train/undecayed.ts';
import { trainParams } from './params.ts';

const said = (optimizer: Partial<ReturnType<typeof trainParams>['optimizer']>) =>
  sayUndecayed(trainParams({ optimizer }).optimizer);

test('AdamW without weight decay is told to be Adam', () => {
  expect(said({ name: 'adamw' })).toBe(
    "optimizer.name is adamw, and optimizer.weight_decay is 0: this is Adam. PyTorch's AdamW has 0.01 by default.",
  );
});

test('AdamW with weight decay and the others without it are not told', () => {
  expect(said({ name: 'adamw', weight_decay: 0.01 })).toBeUndefined();
  expect(said({ name: 'adam' })).toBeUndefined();
  expect(said({ name: 'sgd' })).toBeUndefined();
});
