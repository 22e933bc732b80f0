import type { Parameter } from './layers/scope.ts';
import type { State } from './trainer/state-program.ts';

/** First values of all parameters: a function of the seed and each parameter's name. Await `prepareRandom()` first. */
export function initialState(parameters: readonly Parameter[], seed: number): State {
  return new Map(
    parameters.map(({ name, variable, initial }) => [name, initial(variable.shape, seed, name)]),
  );
}
