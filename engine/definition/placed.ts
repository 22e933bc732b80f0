import type { Fault, Place } from '../../base/fault.ts';
import { placeOfParam } from './checks.ts';
import type { Dep, Stage } from './types.ts';

/** A fault that a stage found in what it was given, at the line of the config that gives it; any other as it is. */
export function placed(stage: Stage, { about, ...fault }: Fault): Fault {
  if (about === undefined) return fault;
  const place = 'param' in about ? paramPlace(stage, about.param) : stage.deps[about.input]?.place;
  if (place === undefined) return fault;
  const file = 'input' in about ? sayDep(stage.deps[about.input]) : undefined;
  const also = file === undefined ? fault.place : { ...fault.place, file };
  return { ...fault, place, ...(also === undefined ? {} : { also }) };
}

function paramPlace({ config }: Stage, path: readonly (string | number)[]): Place | undefined {
  return config === undefined ? undefined : placeOfParam(config, path);
}

/** What an input is in the words of the config. */
function sayDep(dep: Dep | undefined): string | undefined {
  switch (dep?.type) {
    case 'path':
      return dep.path;
    case 'remote':
      return dep.word;
    case 'out':
      return `${dep.stage}:${dep.out}${dep.sub === undefined ? '' : `/${dep.sub}`}`;
    case undefined:
      return undefined;
  }
}
