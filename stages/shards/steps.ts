import type { Static } from 'typebox';
import { fail, ok, type Result } from '../../base/fault.ts';
import { brightnessContrastTransform } from '../../imaging/augment/brightness-contrast.ts';
import type { Step } from '../../imaging/augment/compose.ts';
import { horizontalFlipTransform, verticalFlipTransform } from '../../imaging/augment/flip.ts';
import { gaussianBlurTransform } from '../../imaging/augment/gaussian-blur.ts';
import { gridDistortionTransform } from '../../imaging/augment/grid-distortion.ts';
import { jpegCompressionTransform } from '../../imaging/augment/jpeg-compression.ts';
import { opticalDistortionTransform } from '../../imaging/augment/optical-distortion.ts';
import { shiftScaleRotateTransform } from '../../imaging/augment/shift-scale-rotate.ts';
import type { definition } from './definition.ts';

export type ShardsParams = Static<(typeof definition)['params']>;

/** The composition that config.yaml's `augment` describes, in the recipe's order. */
export function stepsOf(augment: ShardsParams['augment']): readonly Step[] {
  const { one_of: oneOf } = augment;
  return [
    shiftScaleRotateTransform(augment.shift_scale_rotate),
    horizontalFlipTransform(augment.horizontal_flip),
    verticalFlipTransform(augment.vertical_flip),
    {
      name: 'one_of',
      p: oneOf.p,
      oneOf: [
        opticalDistortionTransform(oneOf.optical_distortion),
        gridDistortionTransform(oneOf.grid_distortion),
        gaussianBlurTransform(oneOf.gaussian_blur),
        jpegCompressionTransform(oneOf.jpeg_compression),
      ],
    },
    brightnessContrastTransform(augment.brightness_contrast),
  ];
}

/** What a JSON schema cannot say: the two ends of a range are in order. */
export function checkRanges({ one_of: oneOf }: ShardsParams['augment']): Result<undefined> {
  const ranges = [
    ['augment.one_of.gaussian_blur.blur_limit', oneOf.gaussian_blur.blur_limit],
    ['augment.one_of.jpeg_compression.quality', oneOf.jpeg_compression.quality],
  ] as const;
  const faults = ranges.flatMap(([key, [low, high]]) =>
    low <= high
      ? []
      : [
          {
            code: 'ERS_SCHEMA' as const,
            message: `${key} is [${low}, ${high}]; expected the smaller number first.`,
            hint: `Write [${high}, ${low}].`,
          },
        ],
  );
  return faults.length === 0 ? ok(undefined) : fail(...faults);
}
