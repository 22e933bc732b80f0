import type { Json } from '../base/canonical.ts';
import type { Digest } from '../base/digest.ts';
import { FaultError } from '../base/fault.ts';
import {
  compare,
  currentEntrant,
  currentRecords,
  entrantOf,
  type Contender,
  type Entrant,
} from '../engine/experiments/contenders.ts';
import { readExperiment } from '../engine/experiments/files.ts';
import { currentName } from '../engine/experiments/names.ts';
import { explainRecords } from '../engine/plan/explain.ts';
import type { Project } from '../engine/index.ts';
import type { StageName } from '../engine/definition/types.ts';
import { resultOf } from '../engine/key/result.ts';
import { exitCodes } from './exit-codes.ts';
import { headlineColumns } from './exp-columns.ts';
import { differenceLines, type StageDifference } from './exp-diff-lines.ts';
import { orThrow, withFaults } from './faults.ts';
import { widthOf } from './fit.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';

interface Side {
  readonly entrant: Entrant;
  /** Stage → key of its result. */
  readonly keys: ReadonlyMap<string, Digest>;
}

/** `ers exp diff A [B]`: params, metrics and stages in which two experiments differ; B is the current result unless named. */
export function expDiffCommand(
  first: string,
  second: string | undefined,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const sides = [sideOf(project, first), sideOf(project, second ?? currentName)] as const;
    const { contenders, columns, params } = compare(
      project,
      sides.map(({ entrant }) => entrant),
    );
    const [a, b] = contenders;
    if (a === undefined || b === undefined) throw new Error('Internal error: a comparison of fewer than two');
    const stages = differentStages(project, ...sides);
    if (options.json === true) {
      const shown = headlineColumns(columns);
      const ordered = [...shown, ...columns.filter((column) => !shown.includes(column))];
      const json = {
        ...{ a: a.name, b: b.name },
        params: params.map((key) => ({ key, ...bothOf(a, b, (side): Json | undefined => side.params[key]) })),
        metrics: ordered.map(({ key }) => ({ name: key, ...bothOf(a, b, ({ metrics }) => metrics[key]) })),
        stages,
        outdated: { a: a.outdated, b: b.outdated },
        unread: { a: a.unread, b: b.unread },
        mixed: { a: a.mixed, b: b.mixed },
      };
      io.out(JSON.stringify(json, undefined, 2));
      return exitCodes.ok;
    }
    for (const line of differenceLines({ a, b, params, columns, stages }, widthOf(io))) io.out(line);
    return exitCodes.ok;
  });
}

function bothOf<Value>(a: Contender, b: Contender, of: (side: Contender) => Value | undefined) {
  return { a: of(a) ?? null, b: of(b) ?? null };
}

function sideOf(project: Project, name: string): Side {
  if (name !== currentName) {
    const experiment = orThrow(readExperiment(project, name));
    const keys = Object.entries(experiment.stages).flatMap(([stage, { key }]) =>
      key === null ? [] : [[stage, key] as const],
    );
    return { entrant: orThrow(entrantOf(project, experiment)), keys: new Map(keys) };
  }
  const entrant = orThrow(currentEntrant(project));
  if (entrant === undefined) {
    const message = 'There is no current result to compare with.';
    throw new FaultError({
      code: 'ERS_USAGE',
      message,
      hint: `Make one: ${project.commandLine('run')}. Or name a second experiment.`,
    });
  }
  return { entrant, keys: new Map(currentRecords(project).map(([stage, { key }]) => [stage, key])) };
}

function differentStages(project: Project, a: Side, b: Side): readonly StageDifference[] {
  const order = [...project.pipeline.order, ...[...a.keys.keys(), ...b.keys.keys()]];
  const names = [...new Set<string>(order)].filter((stage) => a.keys.get(stage) !== b.keys.get(stage));
  return names.map((stage) => {
    const [was, is] = [a.keys.get(stage), b.keys.get(stage)];
    const [before, after] = [was, is].map((key) =>
      key === undefined ? undefined : resultOf(project, stage as StageName, key),
    );
    const reasons =
      before === undefined || after === undefined ? undefined : explainRecords(project, before, after);
    return { stage, keys: [was ?? null, is ?? null], reasons: reasons ?? null };
  });
}
