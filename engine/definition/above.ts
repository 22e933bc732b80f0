import { canonical, type Json } from '../../base/canonical.ts';
import type { Around } from '../stage.ts';
import type { Stage } from './types.ts';
import { valueAt } from './value-at.ts';

/** What the built-in stages above one read: see `Around.above`. */
export function aboveOf(stages: ReadonlyMap<string, Stage>, stage: Stage): Around['above'] {
  return (uses, param) => {
    const found = new Map<string, Json>();
    if (!collect(uses, param, stages, stage, new Set(), found)) return undefined;
    const [value, ...others] = found.values();
    return others.length === 0 ? value : undefined;
  };
}

/** Takes the values of the nearest stages of that kind. Whether nothing stands between that may have changed what they made. */
function collect(
  uses: string,
  param: string,
  stages: ReadonlyMap<string, Stage>,
  below: Stage,
  seen: Set<Stage>,
  found: Map<string, Json>,
): boolean {
  return Object.values(below.deps).every((dep) => {
    const stage = dep.type === 'out' ? stages.get(dep.stage) : undefined;
    if (stage === undefined || seen.has(stage)) return true;
    seen.add(stage);
    if (isBuiltIn(stage) && stage.program.definition.name === uses) {
      const value = valueAt(stage.params, param.split('.'));
      if (value !== undefined) found.set(canonical(value), value);
      return value !== undefined;
    }
    const before = found.size;
    const isWhole = collect(uses, param, stages, stage, seen, found);
    return isWhole && (isBuiltIn(stage) || found.size === before);
  });
}

type BuiltInStage = Stage & { readonly program: Extract<Stage['program'], { readonly type: 'uses' }> };

function isBuiltIn(stage: Stage): stage is BuiltInStage {
  return stage.program.type === 'uses' && stage.program.definition.user === undefined;
}
