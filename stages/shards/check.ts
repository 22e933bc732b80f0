import type { ParamFault } from '../../engine/stage.ts';

type Range = readonly [number, number];

interface OneOf {
  readonly p: number;
  readonly optical_distortion: { readonly p: number };
  readonly grid_distortion: { readonly p: number };
  readonly gaussian_blur: { readonly p: number; readonly blur_limit: Range };
  readonly jpeg_compression: { readonly p: number; readonly quality: Range };
}

/** What the schema cannot say: the two ends of a range are in order, and where one of several is to be chosen, one can be. */
export function check({
  augment: { one_of: oneOf },
}: {
  readonly augment: { readonly one_of: OneOf };
}): readonly ParamFault[] {
  const path = ['augment', 'one_of'];
  const { p, optical_distortion: optical, grid_distortion: grid, gaussian_blur: blur } = oneOf;
  const { jpeg_compression: jpeg } = oneOf;
  const faults = [
    ...checkRange([...path, 'gaussian_blur', 'blur_limit'], blur.blur_limit),
    ...checkRange([...path, 'jpeg_compression', 'quality'], jpeg.quality),
  ];
  if (p === 0 || [optical, grid, blur, jpeg].some((member) => member.p > 0)) return faults;
  return [
    ...faults,
    {
      path: [...path, 'p'],
      code: 'ERS_SCHEMA',
      message: `\`augment.one_of.p\` is ${p}, but each of its members has a p of 0: there is none to choose.`,
      hint: 'Give one of optical_distortion, grid_distortion, gaussian_blur, jpeg_compression a p above 0, or one_of a p of 0.',
    },
  ];
}

function checkRange(path: readonly string[], [low, high]: Range): readonly ParamFault[] {
  if (low <= high) return [];
  return [
    {
      path,
      code: 'ERS_SCHEMA',
      message: `\`${path.join('.')}\` is [${low}, ${high}]; expected the smaller number first.`,
      hint: `Write [${high}, ${low}].`,
    },
  ];
}
