import type { Raster } from './raster.ts';

/** Buffers of one length that wait for their next use; more than these are left to the garbage collector. */
const kept = 12;

/** This thread's free buffers by length. */
const free = new Map<number, Uint8Array<ArrayBuffer>[]>();

/**
 * A buffer for pixels, with arbitrary bytes in it: whoever takes it writes all of them. Fresh memory costs more than most
 * transforms do, because the system has to hand it over page by page; hence buffers go round.
 */
export function takePixels(length: number): Uint8Array<ArrayBuffer> {
  return free.get(length)?.pop() ?? new Uint8Array(length);
}

/** Gives a raster's buffer back. Nobody may look at the raster, nor at another one with the same pixels, afterwards. */
export function recycle({ pixels }: Raster): void {
  const whole = pixels.buffer instanceof ArrayBuffer && pixels.buffer.byteLength === pixels.length;
  if (!whole) return;
  const waiting = free.get(pixels.length) ?? [];
  const reused = new Uint8Array(pixels.buffer);
  if (waiting.some((other) => other.buffer === pixels.buffer)) {
    throw new Error('Internal error: the same pixels were recycled twice');
  }
  if (waiting.length < kept) waiting.push(reused);
  free.set(pixels.length, waiting);
}
