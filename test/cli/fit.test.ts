import { expect, it } from 'vitest';
import { cutApart, wrapped } from '../../cli/fit.ts';

it('a sentence is broken at blanks, set in behind the first line, and a word that is too long stays whole', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', '  three']);
  expect(wrapped('one', 2)).toEqual(['one']);
  expect(wrapped('a bb reallylong c', 6, '> ')).toEqual(['> a bb', '>   reallylong', '>   c']);
});

it.each([
  ['short ones stay', ['ab', 'abc'], ['ab', 'abc']],
  ['long ones are cut behind', ['abcdef', 'xbcdef'], ['abc…', 'xbc…']],
  ['those that begin alike are cut in front', ['abcdef', 'abcdeg', 'x'], ['…def', '…deg', 'x']],
  ['those that begin and end alike stay whole', ['aaa1aaa', 'aaa2aaa'], ['aaa1aaa', 'aaa2aaa']],
  ['equal ones are cut alike', ['abcdef', 'abcdef'], ['abc…', 'abc…']],
  ['one that is cut as another is written stays apart', ['abcdef', 'abc…'], ['…def', 'abc…']],
] as const)('%s', (_, texts, cut) => {
  expect(cutApart(texts, 4)).toEqual(cut);
});
