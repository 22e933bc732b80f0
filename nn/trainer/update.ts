import type { Graph, Node, Tensor } from '../graph/graph.ts';
import type { Values } from '../graph/session.ts';
import type { Variable } from '../graph/variable.ts';
import type { Parameter } from '../layers/scope.ts';
import type { Accumulator } from '../optimizers/accumulator.ts';
import { clipNorm } from '../optimizers/clip-norm.ts';
import type { MovingAverage } from '../optimizers/moving-average.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/** How gradients move the weights. */
export interface Rules {
  readonly optimizer: Optimizer;
  /** Largest L2 norm of all gradients together. */
  readonly clipNorm?: number;
  /** Over so many batches gradients are summed before the weights move; each batch's loss counts 1/batches. */
  readonly accumulation?: { readonly batches: number; readonly sums: Accumulator };
  readonly average?: MovingAverage;
}

/** What one step of the optimizer starts from. */
export interface Slopes {
  /** The trained weights and the gradient of each. */
  readonly weights: readonly Variable[];
  readonly gradients: readonly Tensor[];
  /** The nodes that still need the old value of a weight. */
  readonly readers: (weight: Variable) => readonly Node[];
  /** The assignment of a running statistic in the same run, if there is one. */
  readonly updated: (statistic: Variable) => Node | undefined;
}

/** Records one step of the optimizer: clipping, the update of each weight, the averages. Returns what must have run. */
export function update(
  graph: Graph,
  parameters: readonly Parameter[],
  rules: Rules,
  { weights, gradients, readers, updated }: Slopes,
): readonly Node[] {
  const slopes = rules.clipNorm === undefined ? gradients : clipNorm(graph, gradients, rules.clipNorm);
  const applied = new Map(
    weights.map((weight, index) => {
      const slope = slopes[index];
      if (slope === undefined) throw new Error('Internal error: one gradient a parameter');
      return [weight, rules.optimizer.apply(weight, slope, readers(weight))];
    }),
  );
  const { average } = rules;
  if (average === undefined) return [...applied.values()];
  const averaged = parameters.map(({ variable }) => {
    const moved = applied.get(variable) ?? updated(variable);
    return average.update(variable, moved === undefined ? [] : [moved]);
  });
  return [...applied.values(), ...averaged];
}

/** What to feed for the optimizer's step number `step`, counted from 1, at a learning rate. */
export function updateFeeds(
  { optimizer, average }: Rules,
  step: number,
  learningRate: number,
): readonly (readonly [Tensor, Values])[] {
  return [...optimizer.feeds(step, learningRate), ...(average?.feeds(step) ?? [])];
}
