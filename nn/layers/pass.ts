import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { assign, read, type Variable } from '../graph/variable.ts';

/** One recording of a model's forward computation. A layer asks here for its weights. */
export class Pass {
  readonly graph: Graph;
  /** Batch norms use the batch's statistics and update the running ones; otherwise they use the running ones. */
  readonly training: boolean;
  /** What must have run before the step counts as done. */
  readonly updates: Node[] = [];
  readonly #values = new Map<Variable, Tensor>();

  constructor(graph: Graph, training: boolean) {
    this.graph = graph;
    this.training = training;
  }

  /** The value before this pass's updates; read once. */
  read(variable: Variable): Tensor {
    let value = this.#values.get(variable);
    if (value === undefined) {
      value = read(this.graph, variable);
      this.#values.set(variable, value);
    }
    return value;
  }

  update(variable: Variable, value: Tensor): void {
    this.updates.push(assign(this.graph, variable, value));
  }
}

/** Maps images to images: N×H×W×C in and out. */
export type Layer = (x: Tensor, pass: Pass) => Tensor;
