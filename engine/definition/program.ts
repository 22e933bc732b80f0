import type { Json } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Built } from './built.ts';
import { readCommand } from './command.ts';
import { hasKey, meantKey } from './config-keys.ts';
import type { Located } from './located.ts';
import { paramAt } from './placeholders.ts';
import type { RawStage } from './raw-pipeline.ts';
import type { Program, Stage } from './types.ts';
import { isUserFile, userStageName } from './user-stages.ts';

/** The stage that `uses` names; undefined for a command, and with a fault where nothing or too much is named. */
export function findDefinition(stage: RawStage, built: Built, faults: Fault[]): BuiltStage | undefined {
  const { uses, cmd } = stage;
  if ((uses === undefined) === (cmd === undefined)) {
    const message =
      uses === undefined
        ? `${stage.name} says neither \`uses\` nor \`cmd\`.`
        : `${stage.name} says both \`uses\` and \`cmd\`.`;
    const hint = '`uses` names a built-in stage or a file of yours, `cmd` any program.';
    faults.push({ code: 'ERS_SCHEMA', message, place: stage.place, hint });
  }
  if (uses === undefined || cmd !== undefined) return undefined;
  const definition = built.stages.get(userStageName(uses.text));
  // What is wrong with a file of the user was told when it was built.
  if (definition === undefined && !isUserFile(uses.text)) {
    faults.push({
      code: 'ERS_UNKNOWN_USES',
      message: `There is no built-in stage \`${uses.text}\`.`,
      place: uses.place,
      ...didYouMean(uses.text, built.stages.keys()),
    });
  }
  return definition;
}

/** Of a command its placeholders are checked. `values` are undefined where they could not be read. */
export function readProgram(
  stage: RawStage,
  definition: BuiltStage | undefined,
  values: { readonly params: Stage['params']; readonly config: Located } | undefined,
  faults: Fault[],
): Program {
  if (definition !== undefined) return { type: 'uses', definition };
  const declared = new Set(
    stage.params.flatMap(({ text }) => [
      text,
      // What a misspelt param meant is told there.
      ...(values === undefined || hasKey(values.config, text) ? [] : [meantKey(values.config, text) ?? text]),
    ]),
  );
  const known = (names: ReadonlyMap<string, unknown>) => ({
    has: (name: string) => names.has(name),
    all: () => names.keys(),
  });
  const names = {
    deps: known(stage.deps),
    outs: known(stage.outs),
    params:
      values === undefined
        ? ('unchecked' as const)
        : {
            has: (name: string) => declared.has(name) || paramAt(values.params, name) !== undefined,
            all: () => keysWithin(values.params),
            isListable: (name: string) => hasKey(values.config, name),
          },
  };
  return { type: 'command', template: readCommand(stage.cmd ?? [], names, faults) };
}

/** Every dotted key of the values. */
function keysWithin(values: Readonly<Record<string, Json>>): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [key, ...keysWithin(value as Readonly<Record<string, Json>>).map((below) => `${key}.${below}`)]
      : [key],
  );
}
