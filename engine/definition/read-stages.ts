import type { Fault } from '../../base/fault.ts';
import { aboveOf } from './above.ts';
import type { Built } from './built.ts';
import { hasKey, meantKey } from './config-keys.ts';
import { withDefaultLocations } from './defaults.ts';
import { findDefinition, readProgram } from './program.ts';
import { checkAxes } from './axes.ts';
import { checkParams, type Checkable } from './checks.ts';
import { readDeps } from './deps.ts';
import type { Maker, Makers } from './edges.ts';
import { checkSlots } from './handling.ts';
import { countValues } from './located.ts';
import type { Located } from './located.ts';
import { expand, withAxes } from './matrix.ts';
import type { Grid, GridMember } from './matrix.ts';
import { callableNames, stagesCalled } from './members.ts';
import { order } from './order.ts';
import { fold } from './fold.ts';
import { readOuts } from './outs.ts';
import { readParams, withoutLocations } from './params.ts';
import { remoteReader } from './remote-deps.ts';
import type { RawPipeline, RawStage } from './raw-pipeline.ts';
import { referencesOf } from './references.ts';
import { didYouMean } from '../../base/suggest.ts';
import { paramsIn } from './placeholders.ts';
import { isPlenty } from './plenty.ts';
import type { Out, Pipeline, Stage, StageName } from './types.ts';
import { findUnused } from './unused.ts';

const maxMemberValues = 2_000_000;

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
  const grids = new Map(
    raw.stages.map(({ name, matrix }) => [
      name,
      matrix === undefined ? undefined : expand(name, matrix, faults),
    ]),
  );
  const makers: Makers = new Map<string, Maker>([
    ...[...raw.broken].map((name): [string, Maker] => [name, { outs: 'unchecked', grid: 'unchecked' }]),
    // Outs with faults were told already: edges to them are not.
    ...raw.stages.map(({ name, outs: declared }): [string, Maker] => {
      const right = outs.get(name) ?? {};
      const wanted = Math.max(declared.size, Object.keys(definitions.get(name)?.outs ?? {}).length);
      const isWhole = Object.keys(right).length === wanted;
      return [name, { outs: isWhole ? right : 'unchecked', grid: grids.get(name) }];
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
  const stripped = config === undefined ? undefined : withoutLocations(config, locations);
  const stages = new Map<StageName, Stage>();
  const checkable: Checkable[] = [];
  const refused = new Set<StageName>();
  for (const stage of raw.stages) {
    if (isPlenty(faults)) break;
    const definition = definitions.get(stage.name);
    const validate = definition === undefined ? undefined : built.validateParams.get(definition.name);
    const check = definition === undefined ? undefined : built.checkParams.get(definition.name);
    const common = {
      outs: outs.get(stage.name) ?? {},
      env: stage.env,
      metrics: readMetrics(stage, outs.get(stage.name) ?? {}, faults),
      ...stage.handling.values,
      place: stage.place,
    };
    checkSlots(stage.name, stage.handling, raw.slots, faults);
    const grid = grids.get(stage.name);
    if (config !== undefined && isTooLarge(stage, grid, config, faults)) continue;
    const paired = new Set<string>();
    for (const member of grid === undefined || grid === 'unchecked' ? [undefined] : grid.members) {
      const reader = { stage: stage.name, grid, member, paired };
      const seen = located === undefined ? undefined : withAxes(located, member);
      // Of two faults at one place that of an input is told first.
      const inParams: Fault[] = [];
      const tree = config === undefined ? undefined : withAxes(config, member);
      const { values: params, whole } =
        tree === undefined || stripped === undefined
          ? { values: {}, whole: undefined }
          : readParams(
              stage,
              definition,
              validate,
              { tree, stripped: withAxes(stripped, member), locations },
              inParams,
            );
      const remote = remoteReader(definition, params, faults);
      const deps = readDeps(stage, definition, seen, makers, reader, described, remote, faults);
      faults.push(...inParams);
      const name = (member?.id ?? stage.name) as StageName;
      const program = readProgram(
        stage,
        definition,
        config === undefined ? undefined : { params, config },
        faults,
      );
      const read: Stage = { name, ...memberOf(stage, member), program, ...common, params, deps };
      stages.set(name, tree === undefined ? read : { ...read, config: tree });
      if (whole === undefined) refused.add(name);
      if (check !== undefined && whole !== undefined && config !== undefined && tree !== undefined) {
        checkable.push({ stage: read, check, params: whole, tree, file: config.place.file });
      }
    }
    const own = [...stage.deps.values()].flatMap((dep) => referencesOf(dep.text));
    if (config !== undefined) checkAxes(stage, definition, config, { locations: own, paired }, faults);
  }
  if (isPlenty(faults)) return { stages, order: [], default: [], slots: raw.slots.slots };
  const sorted = order(stages, faults);
  faults.push(...checkParams(checkable, stages, aboveOf({ stages, order: sorted }, refused)));
  if (config !== undefined && !raw.isPartial) {
    // A misspelt key is told where it stands, not again where the one is that it meant.
    const meantBy = (key: string, tree = config) => (hasKey(tree, key) ? key : (meantKey(config, key) ?? []));
    const read = raw.stages.flatMap(({ name, params, cmd }) => [
      ...params.flatMap(({ text }) => (cmd === undefined ? text : meantBy(text))),
      ...(cmd === undefined ? [] : paramsIn(cmd)),
      ...(definitions.get(name)?.params ?? []),
    ]);
    const meant = [...locations].flatMap((key) => meantBy(key, located));
    findUnused(config, new Set([...read, ...meant]), faults);
  }
  return {
    stages,
    order: sorted,
    default: readDefault(raw, stages, faults),
    slots: raw.slots.slots,
  };
}

/** Each member holds values of its own: a large config times many members would fill the memory. */
function isTooLarge(
  stage: RawStage,
  grid: Grid | 'unchecked' | undefined,
  config: Located,
  faults: Fault[],
): boolean {
  if (grid === undefined || grid === 'unchecked') return false;
  const values = countValues(config);
  if (values * grid.members.length <= maxMemberValues) return false;
  faults.push({
    code: 'ERS_SCHEMA',
    message: `${stage.name} has ${grid.members.length} members, and the config ${values} values: that is too much.`,
    place: grid.place,
    hint: `Together at most ${maxMemberValues}: leave out values of the matrix, or shorten the config.`,
  });
  return true;
}

function memberOf(stage: RawStage, member: GridMember | undefined): Pick<Stage, 'member'> {
  if (member === undefined) return {};
  return {
    member: {
      of: stage.name,
      axes: Object.fromEntries([...member.axes].map(([key, { json }]) => [key, json])),
    },
  };
}

function readMetrics(
  stage: RawStage,
  outs: Readonly<Record<string, Out>>,
  faults: Fault[],
): readonly string[] {
  for (const { text, place } of stage.metrics) {
    if (isPlenty(faults)) break;
    const declared = stage.outs.get(text);
    if (declared === undefined) {
      faults.push({
        code: 'ERS_UNKNOWN_OUT',
        message: `${stage.name} has no out \`${text}\` to take metrics from.`,
        place,
        ...didYouMean(text, stage.outs.keys()),
      });
      continue;
    }
    const out = outs[text];
    // One that is wrong was told already.
    if (out === undefined || (out.kind !== 'folder' && /\.jsonl?$/.test(out.path))) continue;
    faults.push({
      code: 'ERS_SCHEMA',
      message: `\`${declared.text}\` cannot be one of ${stage.name}'s metrics: numbers are read from .json files.`,
      place,
      also: declared.place,
      hint: `Take ${text} out of metrics, or write the numbers to a .json file.`,
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
  const named = raw.default.flatMap(({ text, place }) => {
    const called = stagesCalled(text, stages);
    if (called.length === 0 && !raw.isPartial && !isPlenty(faults)) {
      const message = `There is no stage \`${text}\`.`;
      const known = callableNames(stages);
      faults.push({ code: 'ERS_UNKNOWN_STAGE', message, place, ...didYouMean(text, known) });
    }
    return called;
  });
  return [...new Set(named)];
}
