import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fill, fits, parsePattern, type Pattern } from '../../../stages/scan/pattern.ts';
import { pairFiles } from '../../../stages/scan/pair.ts';

function pattern(text: string, key: Pattern['key'] = 'names.images'): Pattern {
  const parsed = parsePattern(key, text);
  if (!parsed.ok) throw new Error(`${text} is refused`);
  return parsed.value;
}

test('names may hold underscores: the longest first field comes first', () => {
  expect(fits(pattern('images/{name}_{period}.png'), 'images/a_b_6.png')).toEqual([
    { name: 'a_b', period: '6' },
    { name: 'a', period: 'b_6' },
  ]);
  expect(fits(pattern('{period}/{name}.png'), '2020/a_b.png')).toEqual([{ name: 'a_b', period: '2020' }]);
});

test('a field is never empty and holds no slash', () => {
  expect(fits(pattern('images/{name}_{period}.png'), 'images/_6.png')).toEqual([]);
  expect(fits(pattern('images/{name}_{period}.png'), 'images/a_.png')).toEqual([]);
  expect(fits(pattern('images/{name}.png'), 'images/sub/a.png')).toEqual([]);
  expect(fits(pattern('{name}.png'), '.png')).toEqual([]);
});

test('whatever is filled into a pattern is among the ways it fits', () => {
  const text = fc.stringMatching(/^[a-z_.0-9]{1,8}$/);
  const patterns = fc.constantFrom(
    'images/{name}_{period}.png',
    '{period}-{name}',
    '{name}/{period}.jpg',
    'x{name}',
  );
  fc.assert(
    fc.property(patterns, text, text, (source, name, period) => {
      const parsed = pattern(source);
      const fit = { name, period: parsed.fields.includes('period') ? period : '' };
      expect(fits(parsed, fill(parsed, fit))).toContainEqual(fit);
    }),
    { seed: 1 },
  );
});

test('an image belongs to the mask with the longest name that fits', () => {
  const { pairs, faults } = pairFiles(
    ['a_6_7.png', 'a_7.png', 'm/a.png', 'm/a_6.png'],
    pattern('{name}_{period}.png'),
    pattern('m/{name}.png', 'names.masks'),
  );
  expect(faults).toEqual([]);
  expect(pairs.map(({ name, images }) => [name, images])).toEqual([
    ['a', [{ period: '7', path: 'a_7.png' }]],
    ['a_6', [{ period: '7', path: 'a_6_7.png' }]],
  ]);
});

test('a period may hold an underscore, and periods are in the order of their numbers', () => {
  const paths = ['10', '9', 'late', '2020_06'].map((period) => `a_${period}.png`);
  const { pairs, periods } = pairFiles(
    [...paths, 'm/a.png'].sort(),
    pattern('{name}_{period}.png'),
    pattern('m/{name}.png', 'names.masks'),
  );
  expect(periods).toEqual(['9', '10', '2020_06', 'late']);
  expect(pairs[0]?.images).toHaveLength(4);
});
