import type { TensorFlow } from '../../runtime/load.ts';
import { tf32Variable, threadVariables } from '../../runtime/env.ts';
import { processor } from '../../runtime/machine.ts';

/** What, beside parameters and data, may change the last bits of a step: name → value, in the words of a message. */
export type Environment = Readonly<Record<string, string>>;

/** The environment of this process; `restoreThreads` comes before TensorFlow is loaded, and so before this. */
export function environmentOf(tensorFlow: TensorFlow): Environment {
  const { model, features } = processor();
  return {
    tensorflow: tensorFlow.version,
    device: tensorFlow.usesGpu ? 'gpu' : 'cpu',
    processor: model,
    'processor features': features.join(' '),
    execution: 'graph',
    ...Object.fromEntries(
      ['TF_ENABLE_ONEDNN_OPTS', ...threadVariables, ...(tensorFlow.usesGpu ? [tf32Variable] : [])].map(
        (name) => [name, process.env[name] ?? '(unset)'],
      ),
    ),
  };
}

/** `processor A → B, …`: in what an environment differs from an earlier one; empty where it does not. */
export function changesSince(before: Environment, after: Environment): string {
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${before[name] ?? '(unknown)'} → ${after[name] ?? '(unknown)'}`)
    .join(', ');
}

/**
 * Lets TensorFlow, once it is loaded, use the numbers of threads of an earlier environment: the bits of every sum depend on
 * them. Returns the number of one op where it is another than it would have been.
 */
export function restoreThreads(earlier: Environment): number | undefined {
  const [perOp] = threadVariables;
  const here = process.env[perOp];
  for (const name of threadVariables) {
    const value = earlier[name];
    if (value !== undefined && /^\d+$/.test(value)) process.env[name] = value;
  }
  const now = process.env[perOp];
  return now === here ? undefined : Number(now);
}
