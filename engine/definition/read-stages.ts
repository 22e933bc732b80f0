import type { Fault } from '../../base/fault.ts';
import type { Built } from './built.ts';
import { hasKey, meantKey } from './config-keys.ts';
import { withDefaultLocations } from './defaults.ts';
import { readCommand } from './command.ts';
import { readDeps } from './deps.ts';
import type { Makers } from './edges.ts';
import { checkSlots } from './handling.ts';
import type { Located } from './located.ts';
import { order } from './order.ts';
import { fold, readOuts } from './outs.ts';
import { readParams } from './params.ts';
import type { RawPipeline, RawStage } from './raw-pipeline.ts';
import { referencesOf } from './references.ts';
import { didYouMean } from './suggest.ts';
import type { BuiltStage, Out, Pipeline, Program, Stage, StageName } from './types.ts';
import { findUnused } from './unused.ts';

/** Resolves and checks all stages against the build and the config; `config` is undefined where it cannot be read. */
export function readStages(
  raw: RawPipeline,
  built: Built,
  config: Located | undefined,
  faults: Fault[],
): Omit<Pipeline, 'root' | 'store'> {
  findNameClashes(raw.stages, faults);
  const definitions = new Map(raw.stages.map((stage) => [stage.name, findDefinition(stage, built, faults)]));
  const outs = new Map(
    raw.stages.map((stage) => [stage.name, readOuts(stage, definitions.get(stage.name), faults)] as const),
  );
  const makers: Makers = new Map<string, Readonly<Record<string, Out>> | 'unchecked'>([
    ...[...raw.broken].map((name) => [name, 'unchecked'] as const),
    // Outs with faults were told already: edges to them are not.
    ...raw.stages.map(({ name, outs: declared }) => {
      const right = outs.get(name) ?? {};
      const wanted = Math.max(declared.size, Object.keys(definitions.get(name)?.outs ?? {}).length);
      return [name, Object.keys(right).length === wanted ? right : 'unchecked'] as const;
    }),
  ]);
  const locations = new Set(
    raw.stages.flatMap(({ deps }) => [...deps.values()].flatMap((dep) => referencesOf(dep.text))),
  );
  const validators = [...new Set([...definitions.values()])].flatMap(
    (definition) => (definition === undefined ? undefined : built.validateParams.get(definition.name)) ?? [],
  );
  const located = config === undefined ? undefined : withDefaultLocations(config, locations, validators);
  const described = new Set([...definitions.values()].flatMap((definition) => definition?.params ?? []));
  const stages = new Map<StageName, Stage>();
  for (const stage of raw.stages) {
    const definition = definitions.get(stage.name);
    const deps = readDeps(stage, definition, located, makers, described, faults);
    const rules =
      definition === undefined
        ? {}
        : {
            validate: built.validateParams.get(definition.name),
            check: built.checkParams.get(definition.name),
          };
    const params =
      config === undefined ? {} : readParams(stage, definition, rules, { tree: config, locations }, faults);
    const made = outs.get(stage.name) ?? {};
    checkSlots(stage.name, stage.handling, raw.slots, faults);
    const name = stage.name as StageName;
    stages.set(name, {
      name,
      program: readProgram(stage, definition, faults),
      params,
      deps,
      outs: made,
      env: stage.env,
      metrics: readMetrics(stage, faults),
      ...stage.handling.values,
      place: stage.place,
    });
  }
  if (config !== undefined && !raw.isPartial) {
    const read = raw.stages.flatMap(({ name, params }) => [
      ...params.map(({ text }) => text),
      ...(definitions.get(name)?.params ?? []),
    ]);
    // A misspelt reference is told where it stands, not again where the key is that it meant.
    const meant = [...locations].flatMap((key) =>
      located !== undefined && hasKey(located, key) ? key : (meantKey(config, key) ?? []),
    );
    faults.push(...findUnused(config, new Set([...read, ...meant])));
  }
  return {
    stages,
    order: order(stages, faults),
    default: readDefault(raw, stages, faults),
    slots: raw.slots.slots,
  };
}

function findDefinition(stage: RawStage, built: Built, faults: Fault[]): BuiltStage | undefined {
  const { uses, cmd } = stage;
  if ((uses === undefined) === (cmd === undefined)) {
    const message =
      uses === undefined
        ? `${stage.name} says neither \`uses\` nor \`cmd\`.`
        : `${stage.name} says both \`uses\` and \`cmd\`.`;
    const hint = '`uses` names a built-in stage, `cmd` any program.';
    faults.push({ code: 'ERS_SCHEMA', message, place: stage.place, hint });
  }
  if (uses === undefined || cmd !== undefined) return undefined;
  const definition = built.stages.get(uses.text);
  if (definition === undefined) {
    faults.push({
      code: 'ERS_UNKNOWN_USES',
      message: `There is no built-in stage \`${uses.text}\`.`,
      place: uses.place,
      ...didYouMean(uses.text, built.stages.keys()),
    });
  }
  return definition;
}

function readProgram(stage: RawStage, definition: BuiltStage | undefined, faults: Fault[]): Program {
  if (definition !== undefined) return { type: 'uses', definition };
  const names = {
    deps: [...stage.deps.keys()],
    outs: [...stage.outs.keys()],
    params: stage.params.map(({ text }) => text),
  };
  return { type: 'command', template: readCommand(stage.cmd ?? [], names, faults) };
}

function readMetrics(stage: RawStage, faults: Fault[]): readonly string[] {
  for (const { text, place } of stage.metrics) {
    if (stage.outs.has(text)) continue;
    faults.push({
      code: 'ERS_UNKNOWN_OUT',
      message: `${stage.name} has no out \`${text}\` to take metrics from.`,
      place,
      ...didYouMean(text, stage.outs.keys()),
    });
  }
  return stage.metrics.map(({ text }) => text);
}

/** Each stage has a folder of its name in `artifacts/`. */
function findNameClashes(stages: readonly RawStage[], faults: Fault[]): void {
  const seen = new Map<string, RawStage>();
  for (const stage of stages) {
    const first = seen.get(fold(stage.name));
    if (first === undefined) seen.set(fold(stage.name), stage);
    else {
      faults.push({
        code: 'ERS_OUT_CLASH',
        message: `The stages \`${first.name}\` and \`${stage.name}\` share one folder where case does not count.`,
        place: stage.place,
        also: first.place,
        hint: 'Rename one of them.',
      });
    }
  }
}

/** The stages that `default` lists; without it, those that no other stage reads from. */
function readDefault(
  raw: RawPipeline,
  stages: ReadonlyMap<StageName, Stage>,
  faults: Fault[],
): readonly StageName[] {
  if (raw.default === undefined) {
    const read = new Set(
      [...stages.values()].flatMap(({ deps }) =>
        Object.values(deps).flatMap((dep) => (dep.type === 'out' ? [dep.stage] : [])),
      ),
    );
    return [...stages.keys()].filter((name) => !read.has(name));
  }
  return raw.default.map(({ text, place }) => {
    if (!stages.has(text as StageName) && !raw.isPartial) {
      const message = `There is no stage \`${text}\`.`;
      faults.push({ code: 'ERS_UNKNOWN_STAGE', message, place, ...didYouMean(text, stages.keys()) });
    }
    return text as StageName;
  });
}
