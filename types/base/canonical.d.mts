/** Any value that JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | {
      readonly [key: string]: Json;
    };
/** Orders two strings by code unit: the same on every machine, whatever its locale. */
export declare function byCodeUnit(a: string, b: string): number;
/**
 * JSON with keys sorted by code unit and no spaces: equal values give equal text.
 * Throws on numbers that JSON cannot hold (NaN, infinities).
 */
export declare function canonical(value: Json): string;
