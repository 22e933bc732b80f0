import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { add, multiply } from '../graph/ops/arithmetic.ts';
import type { Values } from '../graph/session.ts';
import { assign, placeholder, read, type Variable } from '../graph/variable.ts';
import { momentsOf } from './moments.ts';

/** A copy of each parameter that follows it slowly. */
export interface MovingAverage {
  /** Part of every checkpoint; what it holds before the first update does not matter. */
  readonly state: readonly Variable[];
  /** The average of a parameter. */
  readonly of: (parameter: Variable) => Variable;
  /** Records one update from the value that the parameter has once `after` have run. */
  update(parameter: Variable, after: readonly Node[]): Node;
  /** What to feed for the optimizer's step number `step`, counted from 1. */
  feeds(step: number): readonly (readonly [Tensor, Values])[];
}

/**
 * `torch.optim.swa_utils.AveragedModel` with `get_ema_multi_avg_fn(decay)` and `use_buffers=True`: e ← d·e + (1 − d)·w
 * after each step of the optimizer, of weights and running statistics alike; the first one copies, e ← w.
 */
export function movingAverage(graph: Graph, parameters: readonly Variable[], decay: number): MovingAverage {
  const averages = momentsOf(graph, 'average', parameters);
  const [kept, taken] = ['kept', 'taken'].map((name) => placeholder(graph, `average/${name}`, 'float32', []));
  if (kept === undefined || taken === undefined) throw new Error('Internal error: two shares');
  return {
    state: averages.state,
    of: averages.of,
    update: (parameter, after) => {
      const average = averages.of(parameter);
      const old = multiply(graph, kept, read(graph, average));
      return assign(graph, average, add(graph, old, multiply(graph, taken, read(graph, parameter, after))));
    },
    feeds: (step) => {
      const share = step === 1 ? 0 : decay;
      return [
        [kept, Float32Array.of(share)],
        [taken, Float32Array.of(1 - share)],
      ];
    },
  };
}
