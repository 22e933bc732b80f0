import type { ParamFault } from '../../engine/stage.ts';

interface TrainParams {
  readonly loss: { readonly ce: number; readonly dice: number };
}

/** Some loss has a weight. */
export function check({ loss }: TrainParams): readonly ParamFault[] {
  if (loss.ce > 0 || loss.dice > 0) return [];
  return [
    {
      path: ['loss'],
      code: 'ERS_SCHEMA',
      message: 'Both weights of `loss` are 0: there is nothing to minimise.',
      hint: 'Give `loss.ce` or `loss.dice` a positive weight.',
    },
  ];
}
