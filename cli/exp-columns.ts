import { FaultError } from '../base/fault.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Contender } from '../engine/experiments/contenders.ts';
import { isMean, shortColumns, type MetricColumn } from '../engine/experiments/metric-columns.ts';
import type { Project } from '../engine/index.ts';
import { headlineFirst } from '../ui/say.ts';

/** Those that are worth a column, test metrics first; means before the members that they are of. */
export function headlineColumns(columns: readonly MetricColumn[]): readonly MetricColumn[] {
  const worthy = headlineFirst(columns, ({ metric }) => metric);
  return [...worthy.filter((each) => isFirst(each)), ...worthy.filter((each) => !isFirst(each))];
}

/**
 * What ranks: the column that is asked for, else the first of the last target that has any, of a matrix the mean over its
 * members. Throws `FaultError` for one that nobody has.
 */
export function chooseColumn(
  project: Project,
  all: readonly Contender[],
  columns: readonly MetricColumn[],
  asked: string | undefined,
): MetricColumn | undefined {
  const known = columns.filter(({ key }) => all.some(({ metrics }) => metrics[key] !== undefined));
  if (asked !== undefined) return columnCalled(asked, known);
  const worthy = headlineColumns(known);
  for (const target of project.pipeline.default.toReversed()) {
    const of = project.pipeline.stages.get(target)?.member?.of;
    const own = worthy.filter((each) => each.stages.includes(target) || (of !== undefined && each.of === of));
    const [first] = own;
    if (first !== undefined) return own.find((each) => isMean(each)) ?? first;
  }
  return worthy[0];
}

function columnCalled(asked: string, known: readonly MetricColumn[]): MetricColumn {
  const heads = shortColumns(known);
  const namesOf = (column: MetricColumn): readonly string[] => [
    heads.get(column.key) ?? column.key,
    ...(isMean(column) ? [column.metric, `${column.of ?? ''}:${column.metric}`] : []),
  ];
  const called = known.filter((column) => namesOf(column).includes(asked));
  const found = known.find(({ key }) => key === asked) ?? (called.length === 1 ? called[0] : undefined);
  if (found !== undefined) return found;
  const hint =
    called.length > 1
      ? { hint: `Name one of ${called.map(({ key }) => key).join(', ')}.` }
      : known.length === 0
        ? {}
        : didYouMean(
            asked,
            known.map(({ key }) => key),
          );
  const message =
    called.length > 1
      ? `Several stages have a metric \`${asked}\`.`
      : `No experiment has a metric \`${asked}\`.`;
  throw new FaultError({ code: 'ERS_USAGE', message, ...hint });
}

/** A number of the whole result rather than of one member. */
function isFirst(column: MetricColumn): boolean {
  return column.of === undefined || isMean(column);
}
