import { expect, test } from 'vitest';
import { check } from '../../../stages/shards/check.ts';
import { smallParams } from './dataset.ts';

type OneOf = ReturnType<typeof smallParams>['augment']['one_of'];

function of(change: (oneOf: OneOf) => Partial<OneOf>) {
  const { augment } = smallParams();
  return check({ augment: { one_of: { ...augment.one_of, ...change(augment.one_of) } } });
}

test('a range is told whose smaller number is not first', () => {
  expect(of(() => ({}))).toEqual([]);
  expect(of(({ gaussian_blur: blur }) => ({ gaussian_blur: { ...blur, blur_limit: [3, 3] } }))).toEqual([]);
  expect(of(({ gaussian_blur: blur }) => ({ gaussian_blur: { ...blur, blur_limit: [5, 3] } }))).toEqual([
    {
      path: ['augment', 'one_of', 'gaussian_blur', 'blur_limit'],
      code: 'ERS_SCHEMA',
      message: '`augment.one_of.gaussian_blur.blur_limit` is [5, 3]; expected the smaller number first.',
      hint: 'Write [3, 5].',
    },
  ]);
  expect(
    of(({ jpeg_compression: jpeg }) => ({ jpeg_compression: { ...jpeg, quality: [90, 50] } })),
  ).toMatchObject([{ path: ['augment', 'one_of', 'jpeg_compression', 'quality'], hint: 'Write [50, 90].' }]);
});

test('a choice among members that none can win is a fault, unless it is never made', () => {
  const never = (oneOf: OneOf, p: number) => ({
    p,
    optical_distortion: { ...oneOf.optical_distortion, p: 0 },
    grid_distortion: { ...oneOf.grid_distortion, p: 0 },
    gaussian_blur: { ...oneOf.gaussian_blur, p: 0 },
    jpeg_compression: { ...oneOf.jpeg_compression, p: 0 },
  });
  expect(of((oneOf) => never(oneOf, 0))).toEqual([]);
  expect(of((oneOf) => never(oneOf, 0.35))).toMatchObject([{ path: ['augment', 'one_of', 'p'] }]);
});
