import { randomAt } from '../../base/random.ts';

/**
 * Bulk random numbers of a key: Philox 4×32 with 10 rounds (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC11). Block n depends on the key and n only. `base/random.ts` hashes text for every block, which is too slow for
 * millions of weights; here it makes the 64-bit key alone.
 */
export function philoxAt(...key: readonly (string | number)[]): () => Uint32Array {
  const seed = randomAt('philox', ...key);
  const words = new Uint32Array(4);
  const [key0, key1] = [seed.integer(0, 0xffffffff), seed.integer(0, 0xffffffff)];
  let block = 0;
  return () => {
    philox(words, block, key0, key1);
    block += 1;
    return words;
  };
}

/** Writes block `counter` (below 2³²) of a key into `out`. */
export function philox(out: Uint32Array, counter: number, key0: number, key1: number): void {
  let c0 = counter >>> 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round += 1) {
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const crossed = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(crossed / 65536)) >>> 0;
}
