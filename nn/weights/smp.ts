import { floats, asFloats, type SafeTensor, type TensorKind } from '../../formats/safetensors.ts';
import type { Shape } from '../graph/attribute.ts';
import type { Parameter } from '../layers/scope.ts';
import type { State } from '../trainer/state-program.ts';
import { fromTorch, torchShape, toTorch } from './layout.ts';

const statistic = '.running_var';
const counter = '.num_batches_tracked';

/**
 * The state dict that smp would save: every parameter in PyTorch's layout, and beside each batch norm's statistics the
 * number of batches that they have seen.
 */
export function toStateDict(
  parameters: readonly Parameter[],
  state: State,
  steps: number,
): Map<string, SafeTensor> {
  const tensors = new Map<string, SafeTensor>();
  for (const { name, variable } of parameters) {
    const values = state.get(name);
    if (values === undefined) throw new Error(`Internal error: no value for ${name}`);
    tensors.set(name, floats(torchShape(variable.shape), toTorch(variable.shape, values)));
    if (name.endsWith(statistic)) {
      const bytes = new Uint8Array(BigInt64Array.of(BigInt(steps)).buffer);
      tensors.set(name.slice(0, -statistic.length) + counter, { dtype: 'I64', shape: [], bytes });
    }
  }
  return tensors;
}

export interface Matched {
  readonly state: State;
  /** One sentence for each key that is missing, unknown, of another shape, or holds what no training makes. */
  readonly problems: readonly string[];
}

/** Looks up each parameter in a state dict of PyTorch. Counters of batches may be there or not. */
export function fromStateDict(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, SafeTensor>,
): Matched {
  const state = new Map<string, Float32Array>();
  const problems: string[] = [];
  for (const { name, variable } of parameters) {
    const fits = fit(name, variable.shape, tensors.get(name));
    if (typeof fits === 'string') {
      problems.push(fits);
      continue;
    }
    const values = asFloats(fits);
    const odd = impossible(name, values);
    if (odd === undefined) state.set(name, fromTorch(variable.shape, values));
    else problems.push(odd);
  }
  return { state, problems: [...problems, ...unknownKeys(parameters, tensors)] };
}

/** The problems of `fromStateDict` that keys, types and shapes show. */
export function misfits(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, TensorKind>,
): readonly string[] {
  const wrong = parameters
    .map(({ name, variable }) => fit(name, variable.shape, tensors.get(name)))
    .filter((fits) => typeof fits === 'string');
  return [...wrong, ...unknownKeys(parameters, tensors)];
}

/** The tensor if it is that of a parameter of TensorFlow's `shape`, or why it is not. */
function fit<Kind extends TensorKind>(name: string, shape: Shape, tensor: Kind | undefined): Kind | string {
  const expected = torchShape(shape).join('×');
  if (tensor === undefined) return `${name} (${expected}) is missing`;
  if (tensor.dtype !== 'F32') return `${name} has the type ${tensor.dtype}; expected F32`;
  const found = tensor.shape.join('×');
  return found === expected ? tensor : `${name} has the shape ${found}; expected ${expected}`;
}

function unknownKeys(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, TensorKind>,
): readonly string[] {
  const known = new Set(parameters.map(({ name }) => name));
  return [...tensors.keys()]
    .filter((name) => !known.has(name) && !name.endsWith(counter))
    .map((name) => `${name} is unknown to this model`);
}

/** Numbers that a network cannot work with: predictions would be made of them all the same. */
function impossible(name: string, values: Float32Array): string | undefined {
  const isVariance = name.endsWith(statistic);
  const value = values.find((each) => !Number.isFinite(each) || (isVariance && each < 0));
  if (value === undefined) return undefined;
  return `${name} holds ${value}; expected ${isVariance ? 'finite numbers from 0 up' : 'finite numbers'}`;
}
