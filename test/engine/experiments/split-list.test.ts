import { expect, it } from 'vitest';
import { splitList } from '../../../engine/experiments/split-list.ts';

it.each([
  ['1e-3', ['1e-3']],
  ['1e-3,3e-4', ['1e-3', '3e-4']],
  [' a , b ', ['a', 'b']],
  ['[256,128]', ['[256,128]']],
  ['[256,128],[32,16]', ['[256,128]', '[32,16]']],
  ['[[1,2],[3]],4', ['[[1,2],[3]]', '4']],
  ['{ce: 1, dice: 0},{ce: 0, dice: 1}', ['{ce: 1, dice: 0}', '{ce: 0, dice: 1}']],
  ['"a,b"', ['"a,b"']],
  ['"a,b",c', ['"a,b"', 'c']],
  [String.raw`"a\",b",c`, [String.raw`"a\",b"`, 'c']],
  ["'it''s, one',two", ["'it''s, one'", 'two']],
  ["it's,two", ["it's", 'two']],
  ['a[0],b', ['a[0]', 'b']],
  ['images/{name}_{period}.png', ['images/{name}_{period}.png']],
  ['[a, "]", b],c', ['[a, "]", b]', 'c']],
  ['{k: ",}"},c', ['{k: ",}"}', 'c']],
  ['', ['']],
  ['1,', ['1', '']],
  ['"never closed, so', ['"never closed, so']],
  ['[never, closed', ['[never, closed']],
] as const)('%s is parted at the commas that belong to no value', (text, parts) => {
  expect(splitList(text)).toEqual(parts);
});
