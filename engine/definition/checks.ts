import type { Json } from '../../base/canonical.ts';
import type { Fault, Place } from '../../base/fault.ts';
import type { Around, ParamFault, ParamPath } from '../stage.ts';
import type { Check } from './built.ts';
import { follow, nearest, type Located } from './located.ts';
import { toConfigPath } from './params.ts';
import type { Stage } from './types.ts';

/** A stage whose params its schema allows, and what its definition has to say of them beyond that. */
export interface Checkable {
  readonly stage: Stage;
  readonly check: Check;
  readonly params: Readonly<Record<string, Json>>;
  /** The config as the stage sees it. */
  readonly tree: Located;
  /** The config's file, as places name it. */
  readonly file: string;
}

/**
 * Faults of the stages' own checks, at their places in the config or the option; of a param that is unread, if none of all `stages`
 * that take it reads it. `aboveOf`: see above.ts.
 */
export function checkParams(
  checkable: readonly Checkable[],
  stages: ReadonlyMap<string, Stage>,
  aboveOf: (stage: Stage) => Around['above'],
): readonly Fault[] {
  const told = checkable.flatMap(({ stage, check, params, tree, file }): readonly Told[] => {
    const statedBy: Around['statedBy'] = (path) => {
      const stated = statedAt(tree, path);
      if (stated === undefined) return undefined;
      return stated.place.file === file ? 'config' : 'other';
    };
    const faults = check(params, { statedBy, above: aboveOf(stage) });
    return faults.map((fault) => ({ fault, stage: stage.name, tree, stated: statedAt(tree, fault.path) }));
  });
  const read = readElsewhere(told, stages);
  return told
    .filter(({ fault, stated }) => fault.unread !== true || stated === undefined || !read.has(stated))
    .map(({ fault, tree }) => locate(fault, tree));
}

interface Told {
  readonly fault: ParamFault;
  readonly stage: string;
  readonly tree: Located;
  /** The value in the config that it is about; undefined: a default. */
  readonly stated: Located | undefined;
}

/** Of the values that some stage calls unread: those that another stage, or another member of its matrix, takes and does not. */
function readElsewhere(told: readonly Told[], stages: ReadonlyMap<string, Stage>): ReadonlySet<Located> {
  const unread = new Map<Located, { readonly path: ParamPath; readonly by: Set<string> }>();
  for (const { fault, stage, stated } of told) {
    if (fault.unread !== true || stated === undefined) continue;
    const { by } = unread.get(stated) ?? { by: new Set() };
    unread.set(stated, { path: fault.path, by: by.add(stage) });
  }
  const read = [...unread].filter(([stated, { path, by }]) => {
    const key = toConfigPath(path.map(String)).join('.');
    return [...stages.values()].some(
      ({ name, params, config }) =>
        !by.has(name) &&
        Object.keys(params).some((param) => key === param || key.startsWith(`${param}.`)) &&
        config !== undefined &&
        statedAt(config, path) === stated,
    );
  });
  return new Set(read.map(([stated]) => stated));
}

function statedAt(tree: Located, path: ParamPath): Located | undefined {
  return follow(tree, toConfigPath(path.map(String)))?.value;
}

function locate({ path, other, code, message, hint }: ParamFault, tree: Located): Fault {
  return {
    ...{ code, message, ...(hint === undefined ? {} : { hint }) },
    place: placeOfParam(tree, path),
    ...(other === undefined ? {} : { also: placeOfParam(tree, other) }),
  };
}

/** Where a param stands, or the nearest group around it if it is a default. */
export function placeOfParam(tree: Located, path: ParamPath): Place {
  const { key, value } = nearest(tree, toConfigPath(path.map(String)));
  return typeof value.content === 'object' && value.content !== null ? key : value.place;
}
