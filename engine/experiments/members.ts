import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { Pipeline } from '../definition/types.ts';
import { fold } from '../definition/outs.ts';
import { checkName, distinctName, nameOf } from './names.ts';
import { paramKeys } from './params.ts';
import type { Experiment } from './experiment.ts';
import { sameOverrides } from './files.ts';
import type { Combination, Overrides } from './sweep.ts';

/** One experiment of a run: a combination of overrides, its name, and the pipeline as it gives it. */
export interface Member {
  readonly name: string;
  readonly overrides: Overrides;
  readonly pipeline: Pipeline;
}

/**
 * Names the combinations: with `wanted`, that name for a single one and `wanted-…` for several; else after the overrides.
 * An experiment that has a name already keeps it when its overrides come again. Faults: ERS_USAGE, a name that is none or
 * that stands for other overrides.
 */
export function nameMembers(
  combinations: readonly Combination[],
  pipelines: readonly Pipeline[],
  known: readonly Experiment[],
  wanted: string | undefined,
): Result<readonly Member[]> {
  if (wanted !== undefined) {
    const checked = checkName(wanted);
    if (!checked.ok) return checked;
  }
  const keys = new Set(pipelines.flatMap(paramKeys));
  const taken = new Map(known.map((experiment) => [fold(experiment.name), experiment.overrides]));
  const faults: Fault[] = [];
  const isFree = (name: string, overrides: Overrides): boolean => {
    const other = taken.get(fold(name));
    return other === undefined || sameOverrides(other, overrides);
  };
  const members = combinations.map(({ overrides }, at): Member => {
    const pipeline = pipelines[at];
    if (pipeline === undefined) throw new Error('Internal error: a combination without a pipeline');
    const plain = nameOf(overrides, keys);
    const name = wanted === undefined ? plain : combinations.length === 1 ? wanted : `${wanted}-${plain}`;
    const free = isFree(name, overrides)
      ? name
      : wanted === undefined
        ? distinctName(name, overrides)
        : undefined;
    if (free === undefined) faults.push(takenName(name));
    const given = free ?? name;
    taken.set(fold(given), overrides);
    return { name: given, overrides, pipeline };
  });
  return faults.length > 0 ? fail(...faults) : ok(members);
}

function takenName(name: string): Fault {
  return {
    code: 'ERS_USAGE',
    message: `The experiment \`${name}\` has other overrides.`,
    hint: `Give another --name, or forget it with: npx ers exp rm ${name}`,
  };
}
