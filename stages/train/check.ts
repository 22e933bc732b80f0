import type { ParamFault } from '../../engine/stage.ts';

interface TrainParams {
  readonly loss: Readonly<Record<LossName, number>> & {
    readonly class_weights: readonly number[] | 'auto' | null;
  };
  readonly schedule: { readonly name: string; readonly warmup_epochs: number };
  readonly train: { readonly max_epochs: number };
}

const lossNames = ['ce', 'dice', 'focal', 'jaccard', 'tversky', 'lovasz'] as const;
type LossName = (typeof lossNames)[number];

/** What the schema cannot say: some loss and some class has a weight, and a warm-up has something to lead to. */
export function check({ loss, schedule, train }: TrainParams): readonly ParamFault[] {
  const faults: ParamFault[] = [];
  if (lossNames.every((name) => loss[name] === 0)) {
    faults.push({
      path: ['loss'],
      code: 'ERS_SCHEMA',
      message: 'All weights of `loss` are 0: there is nothing to minimise.',
      hint: `Give one of ${lossNames.join(', ')} a positive weight.`,
    });
  }
  const { class_weights: classWeights } = loss;
  const lovaszAlone = lossNames.every((name) => loss[name] > 0 === (name === 'lovasz'));
  if (classWeights !== null && lovaszAlone) {
    faults.push({
      path: ['loss', 'class_weights'],
      code: 'ERS_SCHEMA',
      message:
        '`loss.class_weights` would do nothing: the Lovász loss takes none, and no other has a weight.',
      hint: 'Take `class_weights` away, or give another loss a weight too.',
    });
  } else if (Array.isArray(classWeights) && classWeights.every((weight) => weight === 0)) {
    faults.push({
      path: ['loss', 'class_weights'],
      code: 'ERS_SCHEMA',
      message: 'All of `loss.class_weights` are 0: no class would count.',
      hint: 'Give at least one class a positive weight, or null for 1 each.',
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
      message: `A warm-up of ${schedule.warmup_epochs} epochs leaves none of the ${train.max_epochs} for the schedule.`,
      hint: 'Lower `schedule.warmup_epochs` or raise `train.max_epochs`.',
    });
  }
  return faults;
}
