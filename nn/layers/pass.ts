import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { assign, read, type Variable } from '../graph/variable.ts';

/** One recording of a model's forward computation. A layer asks here for its weights. */
export class Pass {
  readonly graph: Graph;
  /** Batch norms use the batch's statistics and update the running ones; otherwise they use the running ones. */
  readonly training: boolean;
  /** The assignments of running statistics: they must have run before the step counts as done. */
  readonly updates = new Map<Variable, Node>();
  readonly #stored: (variable: Variable) => Variable;
  readonly #values = new Map<Variable, Tensor>();

  /** `stored`: which variable holds the value that is used for another one, such as an average of it. */
  constructor(
    graph: Graph,
    training: boolean,
    stored: (variable: Variable) => Variable = (variable) => variable,
  ) {
    this.graph = graph;
    this.training = training;
    this.#stored = stored;
  }

  /** The value before this pass's updates; read once. */
  read(variable: Variable): Tensor {
    let value = this.#values.get(variable);
    if (value === undefined) {
      value = read(this.graph, this.#stored(variable));
      this.#values.set(variable, value);
    }
    return value;
  }

  update(variable: Variable, value: Tensor): void {
    this.updates.set(variable, assign(this.graph, variable, value));
  }
}

/** Maps images to images: N×H×W×C in and out. */
export type Layer = (x: Tensor, pass: Pass) => Tensor;
