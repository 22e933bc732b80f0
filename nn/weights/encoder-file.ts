import { fail, ok, type Result } from '../../base/fault.ts';
import { readSafetensors } from '../../formats/safetensors.ts';
import type { Parameter } from '../layers/scope.ts';
import type { State } from '../trainer/state-program.ts';
import { fromStateDict } from './smp.ts';
import { wrongWeights } from './wrong-weights.ts';

const prefix = 'encoder.';

/**
 * Weights of the encoder from a safetensors file: either with torchvision's names (`conv1.weight`; the classifier `fc.*`
 * is left out) or with smp's (`encoder.conv1.weight`; a decoder beside it is left out). Faults: ERS_WEIGHTS.
 */
export async function readEncoder(
  path: string,
  parameters: readonly Parameter[],
  shownAs: string = path,
): Promise<Result<State>> {
  const file = await readSafetensors(path, shownAs);
  if (!file.ok) return file;
  const { tensors } = file.value;
  const named = [...tensors.keys()].some((name) => name.startsWith(prefix))
    ? [...tensors].filter(([name]) => name.startsWith(prefix))
    : [...tensors]
        .filter(([name]) => !name.startsWith('fc.'))
        .map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
  const encoder = parameters.filter(({ name }) => name.startsWith(prefix));
  const { state, problems } = fromStateDict(encoder, new Map(named));
  if (problems.length === 0) return ok(state);
  return fail(wrongWeights('The encoder weights do not fit model.encoder_name', problems, shownAs));
}
