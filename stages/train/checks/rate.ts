import type { Around, ParamFault } from '../../../engine/stage.ts';

export interface RateParams {
  readonly optimizer: {
    readonly name: string;
    readonly lr: number;
    readonly momentum: number;
    readonly nesterov: boolean;
  };
  readonly schedule: { readonly name: string; readonly eta_min: number; readonly warmup_epochs: number };
  readonly train: { readonly max_epochs: number };
}

/** The rate falls as its schedule says, a warm-up has something to lead to, and Nesterov's momentum is one. */
export function checkRate(
  { optimizer, schedule, train }: RateParams,
  statedBy: Around['statedBy'],
): readonly ParamFault[] {
  const faults: ParamFault[] = [];
  if (schedule.name === 'cosine_annealing' && schedule.eta_min > optimizer.lr) {
    faults.push({
      path: ['schedule', 'eta_min'],
      other: ['optimizer', 'lr'],
      code: 'ERS_SCHEMA',
      message: `The lowest learning rate, ${schedule.eta_min}, is above the one at the start, ${optimizer.lr}: the rate would rise.`,
      hint: 'Lower `schedule.eta_min` or raise `optimizer.lr`.',
    });
  }
  const { name, momentum, nesterov } = optimizer;
  if (name === 'sgd' && nesterov && momentum === 0 && statedBy(['optimizer', 'nesterov']) !== undefined) {
    faults.push({
      path: ['optimizer', 'nesterov'],
      other: ['optimizer', 'momentum'],
      code: 'ERS_SCHEMA',
      message: "`optimizer.nesterov` would do nothing: it is Nesterov's momentum, and `momentum` is 0.",
      hint: 'Take `nesterov` away, or give `momentum` a value such as 0.9.',
    });
  }
  const path = ['schedule', 'warmup_epochs'];
  if (schedule.warmup_epochs > 0 && schedule.name === 'one_cycle') {
    faults.push({
      path,
      other: ['schedule', 'name'],
      code: 'ERS_SCHEMA',
      message: 'The schedule one_cycle has a warm-up of its own.',
      hint: 'Take `warmup_epochs` away and set `pct_start`, or choose another schedule.',
    });
  } else if (schedule.warmup_epochs >= train.max_epochs) {
    faults.push({
      path,
      other: ['train', 'max_epochs'],
      code: 'ERS_SCHEMA',
      message: `A warm-up of ${schedule.warmup_epochs} ${schedule.warmup_epochs === 1 ? 'epoch' : 'epochs'} leaves none of the ${train.max_epochs} for the schedule.`,
      hint: 'Lower `schedule.warmup_epochs` or raise `train.max_epochs`.',
    });
  }
  return faults;
}
