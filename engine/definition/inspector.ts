import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fault } from '../../base/fault.ts';
import type { Around, Once, SayStanding } from '../stage.ts';
import type { Stage } from './types.ts';

/** A built-in stage's `inspect.ts`: see `Inspect` and `SayStanding`. */
interface Inspector {
  readonly inspect: (what: {
    readonly params: Stage['params'];
    readonly inputs: Readonly<Record<string, string>>;
    readonly above: Around['above'];
    readonly once: Once;
  }) => Promise<readonly Fault[]>;
  readonly sayStanding?: SayStanding<Stage['params']>;
}

/** Loads it; undefined where the stage has none. `dist` is the folder of the build. */
export async function inspectorOf({ program }: Stage, dist: string): Promise<Inspector | undefined> {
  if (program.type !== 'uses' || program.definition.inspects !== true) return undefined;
  const file = join(dist, `inspect-${program.definition.name}.mjs`);
  return (await import(pathToFileURL(file).href)) as Inspector;
}
