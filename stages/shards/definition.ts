import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { ImageChannels } from '../image-channels.ts';
import { check } from './check.ts';

/** The recipe's values: what a config that leaves a key out gets. */
const recipe = {
  shift_scale_rotate: { p: 0.5, shift_limit: 0.0625, scale_limit: 0.2, rotate_limit: 35 },
  horizontal_flip: { p: 0.5 },
  vertical_flip: { p: 0.5 },
  one_of: {
    p: 0.35,
    optical_distortion: { p: 0.5, distort_limit: 0.05 },
    grid_distortion: { p: 0.5, num_steps: 5, distort_limit: 0.3 },
    gaussian_blur: { p: 0.5, blur_limit: [1, 3] },
    jpeg_compression: { p: 1, quality: [50, 100] },
  },
  brightness_contrast: { p: 0.5, brightness_limit: 0.1, contrast_limit: 0.07 },
} as const;

const closed = { additionalProperties: false } as const;

const share = (value: number, description: string, maximum = 1) =>
  Type.Number({ minimum: 0, maximum, default: value, description });
const probability = (value: number) => share(value, 'how likely it happens to a sample');
const weight = (value: number) => share(value, 'how likely it is the chosen one, beside the p of the others');
const range = (value: readonly [number, number], minimum: number, maximum: number, description: string) =>
  Type.Tuple([Type.Integer({ minimum, maximum }), Type.Integer({ minimum, maximum })], {
    default: [...value],
    description,
  });

const ShiftScaleRotate = Type.Object(
  {
    p: probability(recipe.shift_scale_rotate.p),
    shift_limit: share(recipe.shift_scale_rotate.shift_limit, 'largest shift, as a share of the size'),
    scale_limit: share(recipe.shift_scale_rotate.scale_limit, 'factors from 1 − this to 1 + this', 0.95),
    rotate_limit: Type.Number({
      minimum: 0,
      maximum: 180,
      default: recipe.shift_scale_rotate.rotate_limit,
      description: 'largest rotation, in degrees',
    }),
  },
  { ...closed, default: recipe.shift_scale_rotate },
);

const OneOf = Type.Object(
  {
    p: probability(recipe.one_of.p),
    optical_distortion: Type.Object(
      {
        p: weight(recipe.one_of.optical_distortion.p),
        distort_limit: share(recipe.one_of.optical_distortion.distort_limit, 'largest radial coefficient'),
      },
      { ...closed, default: recipe.one_of.optical_distortion },
    ),
    grid_distortion: Type.Object(
      {
        p: weight(recipe.one_of.grid_distortion.p),
        num_steps: Type.Integer({
          minimum: 1,
          maximum: 16,
          default: recipe.one_of.grid_distortion.num_steps,
          description: 'cells along an axis',
        }),
        distort_limit: share(
          recipe.one_of.grid_distortion.distort_limit,
          'cell lengths from 1 − this to 1 + this',
          0.95,
        ),
      },
      { ...closed, default: recipe.one_of.grid_distortion },
    ),
    gaussian_blur: Type.Object(
      {
        p: weight(recipe.one_of.gaussian_blur.p),
        blur_limit: range(
          recipe.one_of.gaussian_blur.blur_limit,
          1,
          7,
          'least and largest kernel, in pixels; even ones become the next odd one, 1 changes nothing',
        ),
      },
      { ...closed, default: recipe.one_of.gaussian_blur },
    ),
    jpeg_compression: Type.Object(
      {
        p: weight(recipe.one_of.jpeg_compression.p),
        quality: range(recipe.one_of.jpeg_compression.quality, 1, 100, 'least and largest JPEG quality'),
      },
      { ...closed, default: recipe.one_of.jpeg_compression },
    ),
  },
  { ...closed, default: recipe.one_of },
);

const Augment = Type.Object(
  {
    shift_scale_rotate: ShiftScaleRotate,
    horizontal_flip: Type.Object(
      { p: probability(recipe.horizontal_flip.p) },
      { ...closed, default: recipe.horizontal_flip },
    ),
    vertical_flip: Type.Object(
      { p: probability(recipe.vertical_flip.p) },
      { ...closed, default: recipe.vertical_flip },
    ),
    one_of: OneOf,
    brightness_contrast: Type.Object(
      {
        p: probability(recipe.brightness_contrast.p),
        brightness_limit: share(
          recipe.brightness_contrast.brightness_limit,
          'largest shift, as a share of 255',
        ),
        contrast_limit: share(recipe.brightness_contrast.contrast_limit, 'factors from 1 − this to 1 + this'),
      },
      { ...closed, default: recipe.brightness_contrast },
    ),
  },
  closed,
);

export const definition = defineStage({
  name: 'shards',
  does: 'decodes, resizes and augments the samples and packs each set into tar shards for training',
  params: Type.Object(
    {
      image: Type.Object(
        {
          img_size: Type.Integer({
            minimum: 32,
            maximum: 4096,
            multipleOf: 32,
            default: 512,
            description:
              'width and height of every sample, in pixels; other shapes are stretched to this square',
          }),
          channels: ImageChannels,
          periods: Type.Union([Type.Literal('separate'), Type.Literal('stack')], {
            default: 'separate',
            description:
              'of a mask with several images: separate makes a sample of each, stack one of all, their bands one after another',
          }),
        },
        closed,
      ),
      augment: Augment,
      mosaic: Type.Object(
        { p: share(0.25, 'how likely a training sample is replaced by quadrants of four others') },
        closed,
      ),
      shards: Type.Object(
        {
          seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 17 }),
          copies: Type.Integer({
            minimum: 1,
            maximum: 1000,
            default: 4,
            description: 'augmented versions of each training sample',
          }),
          samples_per_shard: Type.Integer({ minimum: 1, maximum: 100000, default: 256 }),
        },
        closed,
      ),
    },
    closed,
  ),
  deps: { dataset: 'required', split: 'required' },
  outs: { train: 'folder', val: 'folder', test: 'folder' },
  workers: ['augment-worker'],
  check,
});
