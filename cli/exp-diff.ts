import { byCodeUnit } from '../base/canonical.ts';
import { short, type Digest } from '../base/digest.ts';
import { FaultError } from '../base/fault.ts';
import {
  contenderOf,
  currentContender,
  currentRecords,
  differingParams,
  type Contender,
} from '../engine/experiments/compare.ts';
import { readExperiment } from '../engine/experiments/files.ts';
import { currentName } from '../engine/experiments/names.ts';
import { explainRecords } from '../engine/plan/explain.ts';
import type { Project } from '../engine/index.ts';
import type { StageName } from '../engine/definition/types.ts';
import { sayInFull, type Reason } from '../engine/reasons.ts';
import { resultOf } from '../engine/key/result.ts';
import { headline } from '../ui/say.ts';
import { sayScore } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { sayPlainly } from './readable.ts';
import { alignRows } from './table.ts';

interface Side extends Contender {
  /** Stage → key of its result. */
  readonly keys: ReadonlyMap<string, Digest>;
}

interface StageDifference {
  readonly stage: string;
  readonly keys: readonly [Digest | null, Digest | null];
  /** Null where one of the two has no result, or its record cannot be read. */
  readonly reasons: readonly Reason[] | null;
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
    const [a, b] = [sideOf(project, first), sideOf(project, second ?? currentName)];
    const params = differingParams([a, b]).map((key) => ({
      key,
      ...{ a: a.params[key] ?? null, b: b.params[key] ?? null },
    }));
    const metrics = metricNames(a, b).map((name) => ({
      name,
      ...{ a: a.metrics[name] ?? null, b: b.metrics[name] ?? null },
    }));
    const stages = differentStages(project, a, b);
    if (options.json === true) {
      io.out(JSON.stringify({ a: a.name, b: b.name, params, metrics, stages }, undefined, 2));
      return exitCodes.ok;
    }
    const head = ['', a.name, b.name];
    const paramRows = params.map(({ key }) => [key, ...[a, b].map((side) => sayParam(side, key))]);
    const shown = new Set([a, b].flatMap((side) => headline(side.metrics).map(([name]) => name)));
    const metricRows = metrics.filter(({ name }) => shown.has(name)).map((metric) => metricRow(metric));
    const table = (title: string, heads: readonly string[], rows: readonly (readonly string[])[]) =>
      rows.length === 0
        ? [`${title}: the same`]
        : alignRows(
            [[title, ...heads], ...rows],
            heads.map((_, at) => at + 1),
          );
    for (const line of table('params', head.slice(1), paramRows)) io.out(line);
    io.out('');
    for (const line of table('metrics', [...head.slice(1), 'difference'], metricRows)) io.out(line);
    io.out('');
    for (const line of stageLines(stages)) io.out(line);
    return exitCodes.ok;
  });
}

function sideOf(project: Project, name: string): Side {
  if (name !== currentName) {
    const experiment = orThrow(readExperiment(project, name));
    const keys = Object.entries(experiment.stages).flatMap(([stage, { key }]) =>
      key === null ? [] : [[stage, key] as const],
    );
    return { ...contenderOf(project, experiment), keys: new Map(keys) };
  }
  const current = currentContender(project);
  if (current === undefined) {
    const message = 'There is no current result to compare with.';
    throw new FaultError({
      code: 'ERS_USAGE',
      message,
      hint: 'Make one: npx ers run. Or name a second experiment.',
    });
  }
  return { ...current, keys: new Map(currentRecords(project).map(([stage, { key }]) => [stage, key])) };
}

function metricNames(a: Contender, b: Contender): readonly string[] {
  const all = [...new Set([...headline(a.metrics), ...headline(b.metrics)].map(([name]) => name))];
  const rest = [...new Set([...Object.keys(a.metrics), ...Object.keys(b.metrics)])].filter(
    (name) => !all.includes(name),
  );
  return [...all, ...rest.sort(byCodeUnit)];
}

function sayParam({ params }: Contender, key: string): string {
  return params[key] === undefined ? '–' : sayPlainly(params[key]);
}

function metricRow(metric: {
  readonly name: string;
  readonly a: number | null;
  readonly b: number | null;
}): readonly string[] {
  const { name, a, b } = metric;
  const say = (value: number | null) => (value === null ? '–' : sayScore(value));
  const difference =
    a === null || b === null ? '–' : a === b ? 'same' : `${b > a ? '+' : ''}${sayScore(b - a)}`;
  return [name, say(a), say(b), difference];
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

function stageLines(stages: readonly StageDifference[]): readonly string[] {
  if (stages.length === 0) return ['stages: all have one result in both'];
  const rows = stages.map(({ stage, keys, reasons }) => [
    `  ${stage}`,
    keys.map((key) => (key === null ? 'no result' : short(key).slice(0, 8))).join(' → '),
    reasons === null ? '' : reasons.flatMap(sayInFull).join(', '),
  ]);
  return ['stages that differ', ...alignRows(rows)];
}
