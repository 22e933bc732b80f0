import type { ParamFault, ParamPath } from '../../../engine/stage.ts';

export interface NumberParams {
  readonly loss: Readonly<Record<string, number | readonly number[] | string | null>>;
  readonly optimizer: {
    readonly lr: number;
    readonly weight_decay: number;
    readonly momentum: number;
    readonly clip_norm: number | null;
  };
  readonly train: { readonly ema: number | null };
}

/** Smallest and largest numbers that fp32 holds with all its digits (IEEE 754 binary32). */
const smallest = 1.1754943508222875e-38;
const largest = 3.4028234663852886e38;

/** Training computes in fp32: a rate that is 0 there trains nothing, a decay that is 1 there never moves. */
export function checkNumbers({ loss, optimizer, train }: NumberParams): readonly ParamFault[] {
  const sizes: readonly (readonly [ParamPath, number | null])[] = [
    ...Object.entries(loss).flatMap(([name, value]) =>
      typeof value === 'number' ? [[['loss', name], value] as const] : [],
    ),
    ...listOf(loss['class_weights']).map((value, at) => [['loss', 'class_weights', at], value] as const),
    [['optimizer', 'lr'], optimizer.lr],
    [['optimizer', 'weight_decay'], optimizer.weight_decay],
    [['optimizer', 'clip_norm'], optimizer.clip_norm],
  ];
  const shares: readonly (readonly [ParamPath, number | null])[] = [
    [['optimizer', 'momentum'], optimizer.momentum],
    [['train', 'ema'], train.ema],
  ];
  return [
    ...sizes
      .filter(([, value]) => value !== null && value !== 0 && (value < smallest || value > largest))
      .map(([path, value]) => ({
        path,
        code: 'ERS_SCHEMA' as const,
        message: `\`${path.join('.')}\` is ${value ?? ''}, which is ${(value ?? 0) < 1 ? '0' : 'infinite'} in fp32, in which training computes.`,
        hint: `Expected ${smallest.toPrecision(3)} to ${largest.toPrecision(3)}; values in use lie between 1e-8 and 1e4.`,
      })),
    ...shares
      .filter(([, value]) => value !== null && Math.fround(value) === 1)
      .map(([path, value]) => ({
        path,
        code: 'ERS_SCHEMA' as const,
        message: `\`${path.join('.')}\` is ${value ?? ''}, which is 1 in fp32, in which training computes: nothing new would ever count.`,
        hint: 'Expected less than 0.99999997; 0.999 is common.',
      })),
  ];
}

function listOf(value: NumberParams['loss'][string] | undefined): readonly number[] {
  return Array.isArray(value) ? (value as readonly number[]) : [];
}
