import type { Graph, Node, Tensor } from '../graph.ts';
import { cast } from './arithmetic.ts';
import { constant, integers } from './constant.ts';

/** For each axis what lies before and after. */
export type Margins = readonly (readonly [before: number, after: number])[];

/** `a` with zeros around it, or another number. */
export function pad(graph: Graph, a: Tensor, margins: Margins, value = 0): Tensor {
  const lengths = integers(graph, margins.flat(), [margins.length, 2]);
  return graph.one({
    op: value === 0 ? 'Pad' : 'PadV2',
    inputs: value === 0 ? [a, lengths] : [a, lengths, cast(graph, constant(graph, [value]), a.dtype)],
    attributes: { T: { type: a.dtype }, Tpaddings: { type: 'int32' } },
    dtype: a.dtype,
    shape: a.shape.map((length, axis) => length + marginOf(margins, axis)),
    gradient: ([dy]) => [dy && crop(graph, dy, margins)],
  });
}

/** `a` without its margins; cut out only when the nodes `after` have run. */
export function crop(graph: Graph, a: Tensor, margins: Margins, after: readonly Node[] = []): Tensor {
  const shape = a.shape.map((length, axis) => length - marginOf(margins, axis));
  const starts = margins.map(([before]) => before);
  return graph.one({
    op: 'Slice',
    inputs: [a, integers(graph, starts), integers(graph, shape)],
    attributes: { T: { type: a.dtype }, Index: { type: 'int32' } },
    dtype: a.dtype,
    shape,
    after,
    gradient: ([dy]) => [dy && pad(graph, dy, margins)],
  });
}

function marginOf(margins: Margins, axis: number): number {
  const [before, after] = margins[axis] ?? [0, 0];
  return before + after;
}
