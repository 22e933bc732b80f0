import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeName, encodeName, sayName } from '../../cache/names.ts';

test('any bytes come back from their name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
    }),
    { seed: 1 },
  );
});

test('valid UTF-8 is its own text, also with a replacement character in it', () => {
  for (const name of ['plain', 'вода', '😀', 'a\ufffdb', 'n\nl']) {
    expect(decodeName(Buffer.from(name))).toBe(name);
    expect(encodeName(name)).toEqual(Buffer.from(name));
  }
});

test.each([
  ['a lone continuation byte', [0x80], '\udc80'],
  ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
  ['an encoded surrogate', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
  ['a sequence cut short', [0x61, 0xe2, 0x82], 'a\udce2\udc82'],
  ['a byte beyond Unicode', [0xf5, 0x62], '\udcf5b'],
  ['text around a bad byte', [...Buffer.from('é'), 0xff, ...Buffer.from('😀')], 'é\udcff😀'],
])('%s becomes lone surrogates', (_, bytes, name) => {
  expect(decodeName(Buffer.from(bytes))).toBe(name);
});

test('a name is shown on one line', () => {
  expect(sayName('a\nb "c" \\ \udcff')).toBe('a\\nb "c" \\ \\xff');
});
