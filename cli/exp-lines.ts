import { short } from '../base/digest.ts';
import type { Experiment } from '../engine/experiments/experiment.ts';
import { compare, toldEntrant } from '../engine/experiments/contenders.ts';
import { isMean, type MetricColumn } from '../engine/experiments/metric-columns.ts';
import type { ToldExperiment } from '../engine/experiments/told.ts';
import type { Metrics } from '../engine/key/metrics.ts';
import type { StageName } from '../engine/definition/types.ts';
import type { Project } from '../engine/index.ts';
import { resultOf } from '../engine/key/result.ts';
import { headline } from '../ui/say.ts';
import { plural, sayScore, saySeconds } from '../ui/units.ts';
import { rowsOf } from './readable.ts';
import { sayWhen } from './records.ts';
import { alignRows } from './table.ts';

/** One experiment with everything; `status` as it stands now. */
export async function experimentLines(
  project: Project,
  experiment: ToldExperiment,
): Promise<readonly string[]> {
  const { name, status, started, ended, overrides, config, targets, git, unread } = experiment;
  const order = new Map<string, number>(project.pipeline.order.map((stage, at) => [stage, at]));
  const place = (stage: string): number => order.get(stage) ?? order.size;
  const stages = Object.entries(experiment.stages).sort(([a], [b]) => place(a) - place(b));
  // What was made from other results than those of the stages above is told, but its numbers stand not beside theirs.
  const { contenders, columns } = compare(project, [toldEntrant(project, experiment)]);
  const params = contenders[0]?.params ?? {};
  const metrics = contenders[0]?.metrics ?? {};
  const took = ended === null ? '' : `, took ${saySeconds((Date.parse(ended) - Date.parse(started)) / 1000)}`;
  return [
    `${name}  ${status}  begun ${sayWhen(started)} UTC${took}`,
    ...(config === null ? [] : [`config ${config}`]),
    ...(targets.length === 0 ? [] : [`stages asked for: ${targets.join(', ')}`]),
    ...(status === 'stopped' ? ['the same command goes on from here'] : []),
    ...section(
      'overrides',
      Object.entries(overrides).flatMap(([key, value]) => rowsOf(key, value)),
    ),
    ...section('stages', await Promise.all(stages.map(([stage, made]) => stageRow(project, stage, made)))),
    ...stages.flatMap(([stage, { faults }]) => faults.map((fault) => `  ${stage}: ${fault}`)),
    ...unread.map((stage) => `  ${stage}: its metrics cannot be read, since their bytes are gone`),
    ...section('metrics', metricRows(columns, metrics)),
    ...section(
      'parameters',
      Object.entries(params).flatMap(([key, value]) => rowsOf(key, value)),
    ),
    ...section('git', gitRows(git)),
  ];
}

/** Whose they are stands at the first of each. */
function metricRows(columns: readonly MetricColumn[], values: Metrics): readonly (readonly string[])[] {
  let told = '';
  const ordered = [...columns.filter(isMean), ...columns.filter((column) => !isMean(column))];
  return ordered.flatMap((column) => {
    const { key, metric, stages, of } = column;
    const value = values[key];
    if (value === undefined) return [];
    const whose = isMean(column) ? `${of ?? ''}@*` : (stages[0] ?? '');
    const isSame = whose === told;
    told = whose;
    return [[isSame ? '' : whose, `${isMean(column) ? 'mean ' : ''}${metric}`, sayScore(value)]];
  });
}

async function stageRow(
  project: Project,
  stage: string,
  { key, metrics, outdated }: Experiment['stages'][string],
): Promise<readonly string[]> {
  if (key === null) return [stage, '–', 'no result', ''];
  const record = resultOf(project, stage as StageName, key);
  const states = await Promise.all(Object.values(record?.outs ?? {}).map((out) => project.store.check(out)));
  const isThere = record !== undefined && states.every(({ state }) => state === 'intact');
  const [first] = headline(metrics);
  const said = first === undefined ? '' : `${first[0]} ${sayScore(first[1])}`;
  return [
    stage,
    short(key),
    isThere ? 'in the store' : 'its bytes are gone; a run makes them again',
    outdated === true ? 'of before: made from other results than those above it' : said,
  ];
}

function gitRows(git: Experiment['git']): readonly (readonly string[])[] {
  if (git === null) return [];
  const shown = git.dirty.slice(0, 8);
  const more = git.changes - shown.length;
  const names = `${shown.join(', ')}${more > 0 ? ` … and ${more} more` : ''}`;
  return [
    ['commit', git.commit],
    ['changed', git.changes === 0 ? 'nothing' : `${plural(git.changes, 'file')}: ${names}`],
    ...(git.digest === null ? [] : [['changes', short(git.digest)]]),
  ];
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, ...alignRows(rows).map((line) => `  ${line}`)];
}
