import type { Around, ParamFault, ParamPath } from '../../../engine/stage.ts';
import type { ClassRow } from '../../class-table.ts';

export interface LossParams extends Readonly<Record<LossName, number>> {
  readonly class_weights: readonly number[] | 'auto' | null;
  readonly tversky_alpha: number;
  readonly tversky_beta: number;
}

const lossNames = ['ce', 'dice', 'focal', 'jaccard', 'tversky', 'lovasz'] as const;
type LossName = (typeof lossNames)[number];

/** Some loss and some class has a weight, there are as many weights as classes, and each loss counts mistakes. */
export function checkLoss(loss: LossParams, { statedBy, above }: Around): readonly ParamFault[] {
  // Of a sweep or a matrix the fault is told at the values that make it one.
  const [chosen, other] = lossNames
    .map((name) => ['loss', name])
    .filter((path) => statedBy(path) === 'other');
  const faults: ParamFault[] = [...checkClassWeights(loss, above, chosen)];
  if (lossNames.every((name) => loss[name] === 0)) {
    faults.push({
      path: chosen ?? ['loss'],
      ...(other === undefined ? {} : { other }),
      code: 'ERS_SCHEMA',
      message: 'All weights of `loss` are 0: there is nothing to minimise.',
      hint: `Give one of ${lossNames.join(', ')} a positive weight.`,
    });
  }
  if (loss.tversky > 0 && loss.tversky_alpha === 0 && loss.tversky_beta === 0) {
    faults.push({
      path: ['loss', 'tversky_alpha'],
      other: ['loss', 'tversky_beta'],
      code: 'ERS_SCHEMA',
      message: 'The Tversky loss would count no mistake: `tversky_alpha` and `tversky_beta` are both 0.',
      hint: 'Give at least one of them a positive value; 0.5 and 0.5 make it the Dice loss.',
    });
  }
  return faults;
}

/** What is wrong with a list of `factors` for `classes` classes, before or after the shards were read. */
export function wrongLength(factors: number, classes: number): Pick<ParamFault, 'code' | 'message' | 'hint'> {
  return {
    code: 'ERS_SCHEMA',
    message: `\`loss.class_weights\` holds ${factors} ${factors === 1 ? 'factor' : 'factors'}; ${classes} ${classes === 1 ? 'class is' : 'classes are'} trained.`,
    hint: 'Give one factor for each trained class, in the order of their values in `classes`.',
  };
}

/** `chosen`: the weight of a loss that a sweep or a matrix states. */
function checkClassWeights(
  loss: LossParams,
  above: Around['above'],
  chosen: ParamPath | undefined,
): readonly ParamFault[] {
  const { class_weights: weights } = loss;
  const path = ['loss', 'class_weights'];
  if (weights === null) return [];
  if (lossNames.every((name) => loss[name] > 0 === (name === 'lovasz'))) {
    return [
      {
        path,
        ...(chosen === undefined ? {} : { other: chosen }),
        code: 'ERS_SCHEMA',
        message:
          '`loss.class_weights` would do nothing: the Lovász loss takes none, and no other has a weight.',
        hint: 'Take `class_weights` away, or give another loss a weight too.',
      },
    ];
  }
  if (weights === 'auto') return [];
  if (weights.every((weight) => weight === 0)) {
    return [
      {
        path,
        code: 'ERS_SCHEMA',
        message: 'All of `loss.class_weights` are 0: no class would count.',
        hint: 'Give at least one class a positive weight, or null for 1 each.',
      },
    ];
  }
  // The scan's own schema has checked the table.
  const table = above('scan', 'classes') as readonly ClassRow[] | undefined;
  const classes = table?.filter(({ ignore }) => ignore !== true).length ?? weights.length;
  return weights.length === classes ? [] : [{ path, ...wrongLength(weights.length, classes) }];
}
