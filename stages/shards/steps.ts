import type { Static } from 'typebox';
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
