import type { Digest } from '../../base/digest.ts';
import type { StageName } from '../definition/types.ts';
import type { PlanState } from '../events.ts';
import type { Standing } from '../key/standing.ts';

/** What a plan knows of a stage's result before it is made. */
export interface Work {
  readonly key: Digest | undefined;
  /** Absent also where none counts, since the stage is to be made anew. */
  readonly standing: Standing;
}

/**
 * Stages that are planned to run but whose result an earlier one may bring: it has the same key, or its record names
 * the very trees that are gone. Each with that earlier stage, for which it waits and then looks again.
 */
export function sharedWork(
  stages: ReadonlyMap<StageName, { readonly state: PlanState }>,
  works: ReadonlyMap<StageName, Work>,
): ReadonlyMap<StageName, StageName> {
  const shared = new Map<StageName, StageName>();
  const makers = new Map<Digest, StageName>();
  for (const [name, { state }] of stages) {
    const work = works.get(name);
    if (work === undefined || (state !== 'run' && state !== 'maybe')) continue;
    const other = state === 'run' ? makerOf(work, makers) : undefined;
    if (other !== undefined) shared.set(name, other);
    for (const made of [work.key, ...treesOf(work.standing)]) {
      if (made !== undefined && !makers.has(made)) makers.set(made, name);
    }
  }
  return shared;
}

/** The last to bring one of the trees, if all are brought. */
function makerOf({ key, standing }: Work, makers: ReadonlyMap<Digest, StageName>): StageName | undefined {
  const same = key === undefined ? undefined : makers.get(key);
  if (same !== undefined || (standing.type !== 'collected' && standing.type !== 'damaged')) return same;
  const brought = standing.trees.map((tree) => makers.get(tree));
  return brought.includes(undefined) ? undefined : brought.at(-1);
}

function treesOf(standing: Standing): readonly Digest[] {
  return standing.type === 'absent' ? [] : Object.values(standing.record.outs).map(({ tree }) => tree);
}
