import { createXXHash128, type IHasher } from 'hash-wasm';

/**
 * Random numbers addressed by a key instead of drawn in order: the same key gives the same numbers
 * in any process, with any number of workers, after any resume (DESIGN: counter-based randomness).
 *
 * Block n of a key is xxh128(key, n): four 32-bit words.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number;
  /** Standard normal (Box-Muller). Uses Math.log/cos: for weights and noise, not for bytes shared between Node versions without rounding. */
  normal(): number;
  /** Fisher-Yates, in place; returns its argument. */
  shuffle<T>(items: T[]): T[];
}

let hasher: IHasher | undefined;

/** Must be awaited once in a process before `randomAt`: it compiles the WebAssembly hash. */
export async function prepareRandom(): Promise<void> {
  hasher ??= await createXXHash128(0, 0);
}

/** The stream at a key, e.g. `randomAt('shards', seed, sample, copy, 'flip')`. Parts are separated, so ('ab','c') ≠ ('a','bc'). */
export function randomAt(...key: readonly (string | number)[]): Random {
  if (hasher === undefined) throw new Error('Internal error: await prepareRandom() before randomAt()');
  const hash = hasher;
  const prefix = JSON.stringify(key);
  let block = 0;
  let words: DataView | undefined;
  let at = 4;
  const word = (): number => {
    if (words === undefined || at === 4) {
      const bytes = hash.init().update(`${prefix}${block}`).digest('binary');
      words = new DataView(bytes.buffer, bytes.byteOffset, 16);
      block += 1;
      at = 0;
    }
    const value = words.getUint32(at * 4, true);
    at += 1;
    return value;
  };
  const next = (): number => word() / 4294967296;
  const random: Random = {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last -= 1) {
        const pick = random.integer(0, last);
        const kept = items[last];
        const moved = items[pick];
        if (kept !== undefined && moved !== undefined) {
          items[last] = moved;
          items[pick] = kept;
        }
      }
      return items;
    },
  };
  return random;
}
