import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { cast } from '../graph/ops/arithmetic.ts';
import { assign, read, type Variable } from '../graph/variable.ts';
import type { ComputeType } from '../precision.ts';

export interface PassOptions {
  /** Fp32 unless told. */
  readonly compute?: ComputeType;
  /** Which variable holds the value that is used for another one, such as an average of it; itself unless told. */
  readonly stored?: (variable: Variable) => Variable;
  /** What stands for a variable's value, such as a constant; it is read unless told. */
  readonly value?: (variable: Variable) => Tensor;
}

/** One recording of a model's forward computation. A layer asks here for its weights. */
export class Pass {
  readonly graph: Graph;
  /** Batch norms use the batch's statistics and update the running ones; otherwise they use the running ones. */
  readonly training: boolean;
  /** The type of activations; weights are fp32 whatever it is. */
  readonly compute: ComputeType;
  /** The assignments of running statistics: they must have run before the step counts as done. */
  readonly updates = new Map<Variable, Node>();
  /** The running statistics that these assign. */
  readonly statistics: Tensor[] = [];
  readonly #value: (variable: Variable) => Tensor;
  readonly #values = new Map<Variable, Tensor>();
  readonly #casts = new Map<Variable, Tensor>();

  constructor(graph: Graph, training: boolean, options: PassOptions = {}) {
    this.graph = graph;
    this.training = training;
    this.compute = options.compute ?? 'float32';
    const stored = options.stored ?? ((variable: Variable) => variable);
    this.#value = options.value ?? ((variable) => read(graph, stored(variable)));
  }

  /** The value before this pass's updates; read once. */
  read(variable: Variable): Tensor {
    let value = this.#values.get(variable);
    if (value === undefined) {
      value = this.#value(variable);
      this.#values.set(variable, value);
    }
    return value;
  }

  /** `read` in the type of activations: what a convolution multiplies with. Its gradient reaches the fp32 value. */
  readCast(variable: Variable): Tensor {
    let value = this.#casts.get(variable);
    if (value === undefined) {
      value = cast(this.graph, this.read(variable), this.compute);
      this.#casts.set(variable, value);
    }
    return value;
  }

  update(variable: Variable, value: Tensor): void {
    this.statistics.push(value);
    this.updates.set(variable, assign(this.graph, variable, value));
  }
}

/** Maps images to images: N×H×W×C in and out. */
export type Layer = (x: Tensor, pass: Pass) => Tensor;
