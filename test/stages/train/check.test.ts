import { expect, test } from 'vitest';
import { check } from '../../../stages/train/check.ts';

test('one loss with a weight is enough, none is a fault', () => {
  expect(check({ loss: { ce: 1, dice: 0 } })).toEqual([]);
  expect(check({ loss: { ce: 0, dice: 0.1 } })).toEqual([]);
  expect(check({ loss: { ce: 0, dice: 0 } })).toMatchObject([{ code: 'ERS_SCHEMA', path: ['loss'] }]);
});
