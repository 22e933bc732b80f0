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

/** Faults of the stages' own checks, at their places in the config or the option. `aboveOf`: see above.ts. */
export function checkParams(
  checkable: readonly Checkable[],
  aboveOf: (stage: Stage) => Around['above'],
): readonly Fault[] {
  return checkable.flatMap(({ stage, check, params, tree, file }) => {
    const statedBy: Around['statedBy'] = (path) => {
      const stated = follow(tree, toConfigPath(path.map(String)));
      if (stated === undefined) return undefined;
      return stated.value.place.file === file ? 'config' : 'other';
    };
    return check(params, { statedBy, above: aboveOf(stage) }).map((fault) => locate(fault, tree));
  });
}

function locate({ path, other, ...fault }: ParamFault, tree: Located): Fault {
  return {
    ...fault,
    place: placeOfParam(tree, path),
    ...(other === undefined ? {} : { also: placeOfParam(tree, other) }),
  };
}

/** Where a param stands, or the nearest group around it if it is a default. */
export function placeOfParam(tree: Located, path: ParamPath): Place {
  const { key, value } = nearest(tree, toConfigPath(path.map(String)));
  return typeof value.content === 'object' && value.content !== null ? key : value.place;
}
