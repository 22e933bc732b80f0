import type { Shape } from '../graph/attribute.ts';
import type { Graph } from '../graph/graph.ts';
import { variable, type Variable } from '../graph/variable.ts';
import type { Initializer } from '../init/initializers.ts';

/** A variable that is part of a model's weights. */
export interface Parameter {
  /** Smp's name, e.g. `encoder.layer1.0.conv1.weight`. */
  readonly name: string;
  readonly variable: Variable;
  /** Trained by the optimizer; a running statistic of a batch norm is not. */
  readonly trainable: boolean;
  readonly initial: Initializer;
}

/** Where a layer declares its parameters: names below a prefix, all in one list. */
export class Scope {
  readonly graph: Graph;
  readonly parameters: Parameter[];
  readonly #prefix: string;

  constructor(graph: Graph, parameters: Parameter[] = [], prefix = '') {
    this.graph = graph;
    this.parameters = parameters;
    this.#prefix = prefix;
  }

  in(name: string | number): Scope {
    return new Scope(this.graph, this.parameters, `${this.#prefix}${name}.`);
  }

  parameter(name: string, shape: Shape, initial: Initializer, trainable = true): Variable {
    const full = `${this.#prefix}${name}`;
    const made = variable(this.graph, full, shape);
    this.parameters.push({ name: full, variable: made, trainable, initial });
    return made;
  }
}
