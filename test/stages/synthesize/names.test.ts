import { expect, test } from 'vitest';
import { nameOf } from '../../../stages/synthesize/names.ts';

test('400 places have 400 names', () => {
  const names = Array.from({ length: 400 }, (_, place) => nameOf(place));
  expect(new Set(names).size).toBe(400);
  expect(names.every((name) => /^[a-z]+_[a-z]+$/.test(name))).toBe(true);
});
