import { expect, test } from 'vitest';
import { fileAt, newestFirst, sayStanding } from '../../../stages/train/checkpoint-file.ts';

test('checkpoints are read from the farthest one back', () => {
  const names = [
    fileAt({ epoch: 9, step: 30 }),
    fileAt({ epoch: 10, step: 0 }),
    fileAt({ epoch: 10, step: 4 }),
  ];
  expect(newestFirst(names)).toEqual([names[2], names[1], names[0]]);
  expect(newestFirst(['draft.safetensors'])).toEqual([]);
});

test('a message names the step that comes next, and says nothing of a draft', () => {
  expect(sayStanding([fileAt({ epoch: 3, step: 0 }), 'draft.safetensors'])).toBe('epoch 3, step 1');
  expect(sayStanding([fileAt({ epoch: 3, step: 0 }), fileAt({ epoch: 5, step: 11 })])).toBe(
    'epoch 5, step 12',
  );
  expect(sayStanding(['draft.safetensors'])).toBeUndefined();
});
