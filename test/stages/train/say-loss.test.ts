import { expect, test } from 'vitest';
import { sayLoss } from '../../../stages/train/say-loss.ts';
import { trainParams } from './params.ts';

const said = (loss: Parameters<typeof trainParams>[0] & object) => sayLoss(trainParams(loss).loss);

test('of cross-entropy and Dice alone nothing is told', () => {
  expect(said({})).toBeUndefined();
  expect(said({ loss: { ce: 1, dice: 0 } })).toBeUndefined();
});

test('a loss added to them is told with the weights that they kept', () => {
  expect(said({ loss: { lovasz: 1 } })).toBe('The loss is 0.7 ce + 0.3 dice + 1 lovasz.');
  expect(said({ loss: { ce: 0, dice: 0, focal: 0.5 } })).toBe('The loss is 0.5 focal.');
});
