import { expect, test } from 'vitest';
import { fileAt, newestOf, sayStanding } from '../../../stages/train/checkpoint-file.ts';

test('of checkpoints the one with which training goes on is the farthest, whatever their order', () => {
  const names = [
    fileAt({ epoch: 9, step: 30 }),
    fileAt({ epoch: 10, step: 0 }),
    fileAt({ epoch: 10, step: 4 }),
  ];
  expect(newestOf([...names].reverse())).toBe(names[2]);
  expect(newestOf(['draft.safetensors'])).toBeUndefined();
});

test('a message names the step that comes next, and says nothing of a draft', () => {
  expect(sayStanding([fileAt({ epoch: 3, step: 0 }), 'draft.safetensors'])).toBe('epoch 3, step 1');
  expect(sayStanding([fileAt({ epoch: 3, step: 0 }), fileAt({ epoch: 5, step: 11 })])).toBe(
    'epoch 5, step 12',
  );
  expect(sayStanding(['draft.safetensors'])).toBeUndefined();
});
