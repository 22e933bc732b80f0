import { fail, ok, type Result } from '../../base/fault.ts';
import { readSafetensors, type SafeTensor } from '../../formats/safetensors.ts';
import type { Parameter } from '../layers/scope.ts';
import type { State } from '../trainer/state-program.ts';
import { patchFirstConv } from './patch-first-conv.ts';
import { fromStateDict } from './smp.ts';
import { wrongWeights } from './wrong-weights.ts';

const prefix = 'encoder.';
const stem = `${prefix}conv1.weight`;

/**
 * Weights of the encoder from a safetensors file: either with torchvision's names (`conv1.weight`; the classifier `fc.*`
 * is left out) or with smp's (`encoder.conv1.weight`; a decoder beside it is left out). Where the network sees other than
 * three channels and the file's three, the first convolution is made fit as smp does. Faults: ERS_WEIGHTS.
 */
export async function readEncoder(
  path: string,
  parameters: readonly Parameter[],
  shownAs: string = path,
): Promise<Result<State>> {
  const file = await readSafetensors(path, shownAs);
  if (!file.ok) return file;
  const { tensors } = file.value;
  const encoder = parameters.filter(({ name }) => name.startsWith(prefix));
  const named = [...tensors.keys()].some((name) => name.startsWith(prefix))
    ? [...tensors].filter(([name]) => name.startsWith(prefix))
    : [...tensors]
        .filter(([name]) => !name.startsWith('fc.'))
        .map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
  const { state, problems } = fromStateDict(encoder, patched(new Map(named), encoder));
  if (problems.length === 0) return ok(state);
  return fail(wrongWeights('The encoder weights do not fit model.encoder_name', problems, shownAs));
}

function patched(
  tensors: ReadonlyMap<string, SafeTensor>,
  encoder: readonly Parameter[],
): ReadonlyMap<string, SafeTensor> {
  const filters = tensors.get(stem);
  const channels = encoder.find(({ name }) => name === stem)?.variable.shape[2];
  if (filters?.dtype !== 'F32' || filters.shape.length !== 4 || filters.shape[1] !== 3) return tensors;
  if (channels === undefined || channels === 3) return tensors;
  return new Map([...tensors, [stem, patchFirstConv(filters, channels)] as const]);
}
