import type { Node, Tensor } from '../graph/graph.ts';
import type { Values } from '../graph/session.ts';
import type { Variable } from '../graph/variable.ts';

/** An update rule inside the graph. Its state lives in variables; what depends on the step's number is fed. */
export interface Optimizer {
  /** Moments and the like: zero at first, part of every checkpoint. */
  readonly state: readonly Variable[];
  /** Records one update of `weight`. `after`: the nodes that still need the old value. */
  apply(weight: Variable, gradient: Tensor, after: readonly Node[]): Node;
  /** What to feed for step number `step`, counted from 1, at a learning rate. */
  feeds(step: number, learningRate: number): readonly (readonly [Tensor, Values])[];
}
