import { randomAt } from '../../base/random.ts';

/** Side of the squares that an image is made of, in pixels. */
const square = 32;

export interface Sample {
  /** batch·size·size·3. */
  readonly images: Uint8Array;
  /** batch·size·size of 0…classes−1. */
  readonly masks: Uint8Array;
}

/** A batch that can be learnt: squares of classes, each class with a colour of its own and some noise. */
export function makeSample(batch: number, size: number, classes: number): Sample {
  const images = new Uint8Array(batch * size * size * 3);
  const masks = new Uint8Array(batch * size * size);
  const across = Math.ceil(size / square);
  for (let image = 0; image < batch; image += 1) {
    const random = randomAt('bench/train', image);
    const labels = Array.from({ length: across * across }, () => random.integer(0, classes - 1));
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const pixel = (image * size + y) * size + x;
        const label = labels[Math.floor(y / square) * across + Math.floor(x / square)] ?? 0;
        masks[pixel] = label;
        for (let channel = 0; channel < 3; channel += 1) {
          images[pixel * 3 + channel] = ((label * 67 + channel * 91) % 200) + random.integer(0, 55);
        }
      }
    }
  }
  return { images, masks };
}
