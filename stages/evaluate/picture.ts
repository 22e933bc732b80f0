import type { Raster } from '../../imaging/raster.ts';
import type { Rgb } from '../class-table.ts';

/** A sample beside what was said of it. All arrays are row-major H×W, classes are train indices. */
export interface Comparison {
  /** One, or one a date of a stack; all of equal size. */
  readonly images: readonly Raster[];
  readonly truth: Uint8Array;
  readonly prediction: Uint8Array;
  /** Colour of each train index. */
  readonly colours: readonly Rgb[];
  /** Value of `truth` at pixels that are not scored. */
  readonly ignore: number;
}

const gap = 4;
const unscored: Rgb = [24, 24, 28];
const wrong: Rgb = [230, 57, 70];

/**
 * Draws panels from left to right: each image, truth, prediction, error.
 * In the error panel right pixels are the darkened grey first image, wrong ones red, unscored ones black.
 */
export function drawComparison(comparison: Comparison): Raster {
  const { images, truth, prediction, ignore } = comparison;
  const [image] = images;
  if (image === undefined) throw new Error('Internal error: a sample without an image');
  const { width, height } = image;
  const panels: readonly ((pixel: number) => Rgb)[] = [
    ...images.map((date) => (pixel: number) => colourAt(date, pixel)),
    (pixel) => classColour(comparison, truth[pixel]),
    (pixel) => classColour(comparison, prediction[pixel]),
    (pixel) =>
      truth[pixel] === ignore ? unscored : truth[pixel] === prediction[pixel] ? shade(image, pixel) : wrong,
  ];
  const across = panels.length * (width + gap) - gap;
  const sheet = new Uint8Array(across * height * 3).fill(255);
  for (const [panel, colour] of panels.entries()) {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        sheet.set(colour(y * width + x), (y * across + panel * (width + gap) + x) * 3);
      }
    }
  }
  return { width: across, height, channels: 3, pixels: sheet };
}

/** The first three bands as red, green and blue, else the first one as grey (as imaging/in-colours.ts). */
function colourAt(image: Raster, pixel: number): Rgb {
  const at = pixel * image.channels;
  const first = image.pixels[at] ?? 0;
  if (image.channels < 3) return [first, first, first];
  return [image.pixels[at] ?? 0, image.pixels[at + 1] ?? 0, image.pixels[at + 2] ?? 0];
}

function classColour({ colours, ignore }: Comparison, index: number | undefined): Rgb {
  if (index === undefined || index === ignore) return unscored;
  return colours[index] ?? unscored;
}

/** The pixel's brightness (Rec. 601 luma) at 60 %, so that red stands out. */
function shade(image: Raster, pixel: number): Rgb {
  const [r, g, b] = colourAt(image, pixel);
  const grey = Math.round(0.6 * (0.299 * r + 0.587 * g + 0.114 * b));
  return [grey, grey, grey];
}
