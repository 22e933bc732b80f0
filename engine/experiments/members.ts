import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { Pipeline } from '../definition/types.ts';
import { fold } from '../definition/fold.ts';
import type { Project } from '../project/project.ts';
import { checkName, distinctName, nameOf } from './names.ts';
import { paramKeys } from './params.ts';
import { isSameExperiment, type Experiment, type Identity } from './experiment.ts';
import type { Combination, Overrides } from './sweep.ts';

/** One experiment of a run: a combination of overrides, its name, and the pipeline as it gives it. */
export interface Member {
  readonly name: string;
  readonly overrides: Overrides;
  readonly pipeline: Pipeline;
}

/** How the user asked for the experiments. */
interface Asked extends Pick<Project, 'commandLine'> {
  /** Config file of `--config`, relative to the project. */
  readonly config: string | null;
  /** Of `--name`. */
  readonly wanted: string | undefined;
}

/**
 * Names the combinations: with `wanted`, that name for a single one and `wanted-…` for several; else after the overrides.
 * An experiment of equal overrides and the same `config` (null: the pipeline's own) keeps the name that it has, whatever
 * name it would get now. Faults: ERS_USAGE, a name that is none or that stands for another experiment.
 */
export function nameMembers(
  combinations: readonly Combination[],
  pipelines: readonly Pipeline[],
  known: readonly Experiment[],
  { config, wanted, commandLine }: Asked,
): Result<readonly Member[]> {
  if (wanted !== undefined) {
    const checked = checkName(wanted);
    if (!checked.ok) return checked;
  }
  const keys = new Set(pipelines.flatMap(paramKeys));
  const taken = new Map<string, Identity>(known.map((experiment) => [fold(experiment.name), experiment]));
  const faults: Fault[] = [];
  const members = combinations.map(({ overrides }, at): Member => {
    const pipeline = pipelines[at];
    if (pipeline === undefined) throw new Error('Internal error: a combination without a pipeline');
    const own = { overrides, config };
    const plain = nameOf(overrides, keys);
    const isFree = (name: string): boolean => {
      const other = taken.get(fold(name));
      return other === undefined || isSameExperiment(other, own);
    };
    const given = ((): string => {
      if (wanted === undefined) return knownName(known, own, plain) ?? freeName(plain, own, isFree);
      const name = combinations.length === 1 ? wanted : `${wanted}-${plain}`;
      const other = taken.get(fold(name));
      if (other !== undefined && !isFree(name))
        faults.push(takenName(name, other, own, commandLine('exp', 'rm', name)));
      return name;
    })();
    taken.set(fold(given), own);
    return { name: given, overrides, pipeline };
  });
  return faults.length > 0 ? fail(...faults) : ok(members);
}

/** That of the experiment if there is one; of several, since one can be given further names, the one that it would get. */
function knownName(known: readonly Experiment[], own: Identity, plain: string): string | undefined {
  const names = known.filter((each) => isSameExperiment(each, own)).map(({ name }) => name);
  return names.find((name) => name === plain) ?? names[0];
}

function freeName(plain: string, own: Identity, isFree: (name: string) => boolean): string {
  if (isFree(plain)) return plain;
  const byOverrides = distinctName(plain, own.overrides);
  return isFree(byOverrides) ? byOverrides : distinctName(plain, { ...own });
}

function takenName(name: string, other: Identity, own: Identity, forget: string): Fault {
  const sayConfig = ({ config }: Identity) => (config === null ? "the pipeline's own config" : config);
  const isConfig = isSameExperiment({ ...other, config: own.config }, own);
  return {
    code: 'ERS_USAGE',
    message: isConfig
      ? `The experiment \`${name}\` was made with ${sayConfig(other)}, this one is with ${sayConfig(own)}.`
      : `The experiment \`${name}\` has other overrides.`,
    hint: `Give another --name, or forget it with: ${forget}`,
  };
}
