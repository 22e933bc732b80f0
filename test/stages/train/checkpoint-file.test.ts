import { expect, test } from 'vitest';
import { fileAt, newestFirst } from '../../../stages/train/checkpoint-file.ts';

test('checkpoints are read from the farthest one back', () => {
  const names = [
    fileAt({ epoch: 9, step: 30 }),
    fileAt({ epoch: 10, step: 0 }),
    fileAt({ epoch: 10, step: 4 }),
  ];
  expect(newestFirst(names)).toEqual([names[2], names[1], names[0]]);
  expect(newestFirst(['another.safetensors'])).toEqual([]);
});
