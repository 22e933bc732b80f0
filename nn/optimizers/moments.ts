import type { Graph } from '../graph/graph.ts';
import { variable, type Variable } from '../graph/variable.ts';

/** A variable beside each weight, such as a moment of its gradients. */
export interface Moments {
  readonly state: readonly Variable[];
  readonly of: (weight: Variable) => Variable;
}

export function momentsOf(graph: Graph, kind: string, weights: readonly Variable[]): Moments {
  const made = new Map(
    weights.map((weight) => [weight, variable(graph, `${kind}.${weight.name}`, weight.shape)]),
  );
  return {
    state: [...made.values()],
    of: (weight) => {
      const moment = made.get(weight);
      if (moment === undefined) throw new Error(`Internal error: no ${kind} for ${weight.name}`);
      return moment;
    },
  };
}
