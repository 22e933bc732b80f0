import type { Fault } from '../../base/fault.ts';
import { readDep } from './edges.ts';
import type { Makers, Reader } from './edges.ts';
import type { Located } from './located.ts';
import { isPlenty } from './plenty.ts';
import type { ReadRemote } from './remote-deps.ts';
import type { RawStage } from './raw-pipeline.ts';
import { resolve } from './references.ts';
import { didYouMean, lacking } from '../../base/suggest.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Dep } from './types.ts';

/**
 * The inputs of a stage. One whose `${key}` is null is dropped if the definition calls it optional; a stage with `uses`
 * has just the inputs of its definition, and words that it knows for files of a hub. `known` are keys of the config that a stage's schema describes.
 */
export function readDeps(
  stage: RawStage,
  definition: BuiltStage | undefined,
  config: Located | undefined,
  makers: Makers,
  reader: Reader,
  known: ReadonlySet<string>,
  readRemote: ReadRemote,
  faults: Fault[],
): Readonly<Record<string, Dep>> {
  const deps: [string, Dep][] = [];
  const inputs = definition?.deps;
  for (const [name, raw] of stage.deps) {
    if (isPlenty(faults)) break;
    if (inputs !== undefined && !Object.hasOwn(inputs, name)) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${definition?.name ?? ''} has no input \`${name}\`.`,
        place: raw.key,
        ...didYouMean(name, Object.keys(inputs)),
      });
      continue;
    }
    // Without its config nothing can be said of a reference.
    if (config === undefined && raw.text.includes('${')) continue;
    const resolved = config === undefined ? textOf(raw) : resolve(raw, config, known);
    if (resolved.type === 'fault') faults.push(...resolved.faults);
    else if (resolved.type === 'text') {
      const remote = readRemote(name, resolved.text, resolved.place);
      if (remote === 'fault') continue;
      if (remote !== undefined) {
        deps.push([name, remote]);
        continue;
      }
      for (const { below, dep } of readDep(resolved.text, resolved.place, makers, reader, faults)) {
        deps.push([`${name}${below}`, dep]);
      }
    } else if (isNeeded(stage, definition, name)) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `\`${resolved.key}\` is null, but ${stage.name} needs the input \`${name}\`.`,
        place: resolved.place,
        also: raw.place,
        hint: 'Give a path, or stage:out.',
      });
    }
  }
  for (const name of lacking(Object.keys(inputs ?? {}), stage.deps.keys())) {
    if (inputs?.[name] === 'optional') continue;
    faults.push({
      code: 'ERS_SCHEMA',
      message: `${stage.name} needs the input \`${name}\`.`,
      place: stage.keys.deps,
      hint: `Add it to deps: a path, or stage:out.`,
    });
  }
  return Object.fromEntries(deps);
}

function textOf({ text, place }: { readonly text: string; readonly place: Dep['place'] }) {
  return { type: 'text' as const, text, place };
}

/** All that a command names; of a stage whose `uses` is unknown (told elsewhere) nothing can be said. */
function isNeeded(stage: RawStage, definition: BuiltStage | undefined, name: string): boolean {
  if (definition === undefined) return stage.uses === undefined;
  return definition.deps[name] === 'required';
}
