import type { ParamFault } from '../../engine/stage.ts';

interface SplitParams {
  readonly split: { readonly train: number; readonly val: number; readonly test: number };
}

/** The three shares sum to 1, up to the rounding of decimal fractions. */
export function check({ split: { train, val, test } }: SplitParams): readonly ParamFault[] {
  const sum = train + val + test;
  if (Math.abs(sum - 1) <= 1e-9) return [];
  return [
    {
      path: ['split'],
      code: 'ERS_SCHEMA',
      message: `split.train, split.val and split.test are ${train}, ${val}, ${test} and sum to ${Number(sum.toFixed(9))}; expected 1.`,
      hint: 'Change one of them, e.g. 0.7, 0.15 and 0.15.',
    },
  ];
}
