import { floats, asFloats, type SafeTensor } from '../../formats/safetensors.ts';
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
    const tensor = tensors.get(name);
    const expected = torchShape(variable.shape).join('×');
    if (tensor === undefined) problems.push(`${name} (${expected}) is missing`);
    else if (tensor.dtype !== 'F32') problems.push(`${name} has the type ${tensor.dtype}; expected F32`);
    else if (tensor.shape.join('×') !== expected) {
      problems.push(`${name} has the shape ${tensor.shape.join('×')}; expected ${expected}`);
    } else {
      const values = asFloats(tensor);
      const odd = impossible(name, values);
      if (odd === undefined) state.set(name, fromTorch(variable.shape, values));
      else problems.push(odd);
    }
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (!known.has(name) && !name.endsWith(counter)) problems.push(`${name} is unknown to this model`);
  }
  return { state, problems };
}

/** Numbers that a network cannot work with: predictions would be made of them all the same. */
function impossible(name: string, values: Float32Array): string | undefined {
  const isVariance = name.endsWith(statistic);
  const value = values.find((each) => !Number.isFinite(each) || (isVariance && each < 0));
  if (value === undefined) return undefined;
  return `${name} holds ${value}; expected ${isVariance ? 'finite numbers from 0 up' : 'finite numbers'}`;
}
