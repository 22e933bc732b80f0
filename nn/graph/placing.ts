import type { Attributes } from './attribute.ts';
import type { Tensor } from './graph.ts';

/** TensorFlow's words for what lies around an image: nothing, or zeros that make the result 1/stride as large. */
export type Border = 'VALID' | 'SAME';

/** Where a filter is laid on an image. */
export interface Placing {
  readonly stride: number;
  readonly border: Border;
}

/** The attributes that the three ops of a convolution share; `dtype` is that of images and filter. */
export function placingAttributes({ dtype }: Tensor, { stride, border }: Placing): Attributes {
  return {
    T: { type: dtype },
    strides: { integers: [1, stride, stride, 1] },
    dilations: { integers: [1, 1, 1, 1] },
    data_format: { string: 'NHWC' },
    padding: { string: border },
  };
}
