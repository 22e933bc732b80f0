import { bestOf, rank, type Best } from '../engine/experiments/compare.ts';
import { compare, currentEntrant, entrantOf, type Contender } from '../engine/experiments/contenders.ts';
import { readExperiment, readExperiments } from '../engine/experiments/files.ts';
import { tellExperiment } from '../engine/experiments/told.ts';
import type { Project } from '../engine/index.ts';
import { writeCsv } from '../formats/csv.ts';
import { exitCodes } from './exit-codes.ts';
import { chooseColumn, headlineColumns } from './exp-columns.ts';
import { experimentLines } from './exp-lines.ts';
import { tableLines } from './exp-table.ts';
import { orThrow, withFaults } from './faults.ts';
import { widthOf } from './fit.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
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
      const shown = orThrow(tellExperiment(project, orThrow(readExperiment(project, name))));
      if (options.json === true) io.out(JSON.stringify(shown, undefined, 2));
      else for (const line of await experimentLines(project, shown)) io.out(line);
    }
    return exitCodes.ok;
  });
}

function showAll(project: Project, options: ExpShowOptions, io: Io): void {
  const experiments = orThrow(readExperiments(project)).map((each) => orThrow(entrantOf(project, each)));
  const current = orThrow(currentEntrant(project));
  const entrants = [...experiments, ...(current === undefined ? [] : [current])];
  const { contenders, columns, params } = compare(project, entrants);
  const metric = chooseColumn(project, contenders, columns, options.sort);
  const best = options.best ?? (metric === undefined ? 'highest' : bestOf(metric.metric));
  const ranked = rank(contenders, metric?.key, best);
  const shown = [...new Set([...(metric === undefined ? [] : [metric]), ...headlineColumns(columns)])];
  if (options.json === true) {
    const rows = ranked.map(rowOf);
    io.out(JSON.stringify({ metric: metric?.key ?? null, best, params, experiments: rows }, undefined, 2));
  } else if (options.csv === true) {
    const metrics = shown.map(({ key }) => key);
    io.write(csvOf(ranked, params, metrics));
  } else if (experiments.length === 0)
    io.out(`There are no experiments yet. Make some: ${project.commandLine('run', '-S', 'key=value,value')}`);
  else {
    const table = { ranked, params, columns: shown, metric, best, width: widthOf(io), paint: io.paint };
    for (const line of tableLines(table)) io.out(line);
  }
}

function rowOf({ name, status, params, metrics, outdated, unread, mixed, experiment }: Contender) {
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
    unread,
    mixed,
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
