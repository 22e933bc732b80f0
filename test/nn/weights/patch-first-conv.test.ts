import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asFloats, floats } from '../../../formats/safetensors.ts';
import { patchFirstConv } from '../../../nn/weights/patch-first-conv.ts';

interface Filters {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Written by bench/peers/patch_first_conv_golden.py. */
const golden = JSON.parse(
  readFileSync(new URL('../../golden/nn/patch-first-conv.json', import.meta.url), 'utf8'),
) as { readonly filters: Filters; readonly patched: Readonly<Record<string, Filters>> };

test.each(Object.entries(golden.patched))(
  'for %s channels the filters are those of smp, to the bit',
  (channels, expected) => {
    const { shape, values } = golden.filters;
    const patched = patchFirstConv(floats([...shape], Float32Array.from(values)), Number(channels));
    expect(patched.shape).toEqual(expected.shape);
    expect([...asFloats(patched)]).toEqual(expected.values.map(Math.fround));
  },
);

test('three channels stay as they are', () => {
  const { shape, values } = golden.filters;
  const patched = patchFirstConv(floats([...shape], Float32Array.from(values)), 3);
  expect([...asFloats(patched)]).toEqual(values.map(Math.fround));
});
