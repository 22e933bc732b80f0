/**
 * A picture in memory: 8-bit samples, row-major H×W×C, so that sample c of pixel (x, y) is
 * `pixels[(y * width + x) * channels + c]`. Images have 3 channels (red, green, blue) or as many bands as the config says, masks
 * 1 (class values or train indices).
 */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

/** A raster of zeros. Sizes in pixels, at least 1. */
export function blankRaster(width: number, height: number, channels: number): Raster {
  return { width, height, channels, pixels: new Uint8Array(width * height * channels) };
}

/** `128×96` */
export function saySize(raster: { readonly width: number; readonly height: number }): string {
  return `${raster.width}×${raster.height}`;
}
