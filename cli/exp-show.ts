import { FaultError } from '../base/fault.ts';
import { didYouMean } from '../base/suggest.ts';
import {
  bestOf,
  contenderOf,
  currentContender,
  differingParams,
  rank,
  type Best,
  type Contender,
} from '../engine/experiments/compare.ts';
import { readExperiment, readExperiments } from '../engine/experiments/files.ts';
import { stateOf } from '../engine/experiments/experiment.ts';
import type { Project } from '../engine/index.ts';
import { writeCsv } from '../formats/csv.ts';
import { headline } from '../ui/say.ts';
import { exitCodes } from './exit-codes.ts';
import { experimentLines } from './exp-lines.ts';
import { tableLines } from './exp-table.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { sayPlainly } from './readable.ts';

export interface ExpShowOptions extends PipelineOptions {
  readonly sort?: string;
  readonly best?: Best;
  readonly json?: true;
  readonly csv?: true;
}

/** `ers exp show`: all experiments and the current result, best first; with a name, one with everything. */
export function expShowCommand(
  name: string | undefined,
  options: ExpShowOptions,
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    if (name === undefined) showAll(project, options, io);
    else {
      const experiment = orThrow(readExperiment(project, name));
      const shown = { ...experiment, status: stateOf(experiment) };
      if (options.json === true) io.out(JSON.stringify(shown, undefined, 2));
      else for (const line of await experimentLines(project, shown)) io.out(line);
    }
    return exitCodes.ok;
  });
}

function showAll(project: Project, options: ExpShowOptions, io: Io): void {
  const experiments = orThrow(readExperiments(project)).map((each) => contenderOf(project, each));
  const current = currentContender(project);
  const all = [...experiments, ...(current === undefined ? [] : [current])];
  const metric = metricOf(project, all, options.sort);
  const best = options.best ?? (metric === undefined ? 'highest' : bestOf(metric));
  const ranked = rank(all, metric, best);
  const params = differingParams(all);
  const metrics = columnsOf(all, metric);
  if (options.json === true) {
    const rows = ranked.map(rowOf);
    io.out(JSON.stringify({ metric: metric ?? null, best, params, experiments: rows }, undefined, 2));
  } else if (options.csv === true) io.write(csvOf(ranked, params, metrics));
  else if (experiments.length === 0)
    io.out('There are no experiments yet. Make some: npx ers run -S key=value,value');
  else {
    const width = io.stdout.isTTY ? io.stdout.columns : 80;
    for (const line of tableLines({ ranked, params, metrics, metric, best, width, paint: io.paint }))
      io.out(line);
  }
}

/** The one that is asked for, else the first of the last target that has any. Throws `FaultError` for one that nobody has. */
function metricOf(
  project: Project,
  all: readonly Contender[],
  asked: string | undefined,
): string | undefined {
  const known = [...new Set(all.flatMap(({ metrics }) => Object.keys(metrics)))];
  if (asked !== undefined) {
    if (known.includes(asked)) return asked;
    const hint = known.length === 0 ? {} : didYouMean(asked, known);
    throw new FaultError({ code: 'ERS_USAGE', message: `No experiment has a metric \`${asked}\`.`, ...hint });
  }
  for (const target of project.pipeline.default.toReversed()) {
    for (const { experiment } of all) {
      const [first] = headline(experiment?.stages[target]?.metrics ?? {});
      if (first !== undefined) return known.includes(first[0]) ? first[0] : `${target}:${first[0]}`;
    }
  }
  const [any] = headline(Object.assign({}, ...all.map(({ metrics }) => metrics)) as Record<string, number>);
  return any?.[0];
}

/** Headline metrics, the one that ranks first. */
function columnsOf(all: readonly Contender[], metric: string | undefined): readonly string[] {
  const names = all.flatMap(({ metrics }) => headline(metrics).map(([name]) => name));
  return [...new Set([...(metric === undefined ? [] : [metric]), ...names])];
}

function rowOf({ name, status, params, metrics, outdated, experiment }: Contender) {
  const { overrides = {}, started = null, ended = null, git = null } = experiment ?? {};
  const commit = git === null ? null : { commit: git.commit, changes: git.changes };
  return {
    name,
    status,
    current: experiment === undefined,
    overrides,
    params,
    metrics,
    outdated,
    started,
    ended,
    git: commit,
  };
}

function csvOf(ranked: readonly Contender[], params: readonly string[], metrics: readonly string[]): string {
  const names = ['name', 'status', ...params, ...metrics, 'commit', 'started'];
  const distinct = (kind: string, own: readonly string[]) =>
    own.map((name) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${kind} ${name}`));
  const columns = [
    ...['name', 'status', ...distinct('param', params), ...distinct('metric', metrics)],
    ...['commit', 'started'],
  ];
  const rows = ranked.map(({ name, status, params: own, metrics: made, experiment }) => [
    ...[name, status],
    ...params.map((key) => (own[key] === undefined ? '' : sayPlainly(own[key]))),
    ...metrics.map((key) => (made[key] === undefined ? '' : String(made[key]))),
    ...[experiment?.git?.commit ?? '', experiment?.started ?? ''],
  ]);
  return writeCsv(columns, rows);
}
