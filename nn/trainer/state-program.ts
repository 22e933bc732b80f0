import type { Graph, Tensor } from '../graph/graph.ts';
import { constant } from '../graph/ops/constant.ts';
import type { Session } from '../graph/session.ts';
import { assign, fetch, placeholder, read, type Variable } from '../graph/variable.ts';

/** Values of variables by name, in the graph's own layout (filters K×K×I×O). */
export type State = ReadonlyMap<string, Float32Array>;

/** Moves the values of a group of variables into a session and out of it. */
export interface StateProgram {
  readonly variables: readonly Variable[];
  /** Throws (a bug) unless every variable of the group is given in its size. */
  write(session: Session, state: State): void;
  /** The values of all of the group's variables, or of some. */
  read(session: Session, some?: readonly Variable[]): State;
}

export function stateProgram(graph: Graph, name: string, variables: readonly Variable[]): StateProgram {
  const inputs = variables.map((to) => placeholder(graph, `${name}/write/${to.name}`, to.dtype, to.shape));
  const writes = variables.flatMap((to, index) => {
    const input = inputs[index];
    return input === undefined ? [] : [assign(graph, to, input)];
  });
  const written = fetch(graph, `${name}/written`, constant(graph, [0]), writes);
  const values = new Map(variables.map((from) => [from, read(graph, from)]));
  return {
    variables,
    write: (session, state) => {
      const feeds = variables.map((to, index): readonly [Tensor, Float32Array] => {
        const [input, value] = [inputs[index], state.get(to.name)];
        if (input === undefined || value === undefined)
          throw new Error(`Internal error: no value for ${to.name}`);
        return [input, value];
      });
      session.run(feeds, [written]);
    },
    read: (session, some = variables) => {
      const fetches = some.map((from) => {
        const value = values.get(from);
        if (value === undefined) throw new Error(`Internal error: ${from.name} is of another group`);
        return value;
      });
      const found = session.run([], fetches);
      return new Map(
        some.map((from, index) => {
          const value = found[index];
          if (!(value instanceof Float32Array)) throw new Error(`Internal error: ${from.name} is not fp32`);
          return [from.name, value];
        }),
      );
    },
  };
}
