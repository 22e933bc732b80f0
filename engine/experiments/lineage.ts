import type { StageRecord } from '../../cache/types.ts';
import { isDigest } from '../../base/digest.ts';
import type { Json } from '../../base/canonical.ts';
import { acceptedOf } from '../project/accepted.ts';
import type { Dep, Pipeline, StageName } from '../definition/types.ts';
import { stageOf } from '../key/graph.ts';
import { findOut } from '../key/inputs.ts';
import { readKeyInputs, type KeyInputs } from '../key/key.ts';
import type { Project } from '../project/project.ts';
import { resultOf } from '../key/result.ts';

/** What a result was really made from: of an accepted one what the result that was kept was made from. Undefined if that is lost. */
function origin(project: Project, record: StageRecord): KeyInputs | undefined {
  const seen = new Set<string>();
  let at: StageRecord | undefined = record;
  while (at !== undefined && !seen.has(at.key)) {
    const accepted = acceptedOf(at);
    if (accepted === undefined) return readKeyInputs(at.inputs);
    seen.add(at.key);
    const { stage } = at.made;
    if (typeof stage !== 'string' || !isDigest(accepted.from)) return undefined;
    at = resultOf(project, stage as StageName, accepted.from);
  }
  return undefined;
}

/** The params that a result was made with, whatever the config says now. */
export function paramsMadeWith(project: Project, record: StageRecord): Readonly<Record<string, Json>> {
  return origin(project, record)?.params ?? {};
}

/**
 * Of the stages that are shown together those whose result was not made from what is shown of the stages above, directly
 * or through others: its metrics must not stand beside their params. `shown` has every stage that is shown; undefined:
 * without a result, or with one that is not known any more.
 */
export function outdatedStages(
  project: Project,
  pipeline: Pipeline,
  shown: ReadonlyMap<StageName, StageRecord | undefined>,
): ReadonlySet<StageName> {
  const outdated = new Set<StageName>();
  for (const name of pipeline.order) {
    const record = shown.get(name);
    if (record === undefined) continue;
    const made = origin(project, record);
    const isFromShown = ([input, dep]: readonly [string, Dep]): boolean => {
      if (dep.type !== 'out' || !shown.has(dep.stage)) return true;
      const above = outdated.has(dep.stage) ? undefined : shown.get(dep.stage);
      if (above?.outs[dep.out] === undefined) return false;
      const found = findOut(project, dep, () => above);
      return found.ok && found.value !== undefined && found.value.digest === made?.deps[input]?.digest;
    };
    if (!Object.entries(stageOf(pipeline, name).deps).every(isFromShown)) outdated.add(name);
  }
  return outdated;
}
