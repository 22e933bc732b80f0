import { fail, ok, type Result } from '../../base/fault.ts';
import { readSafetensors, readSafetensorsHeader, type SafeTensor } from '../../formats/safetensors.ts';
import { makeEncoder, type EncoderName } from '../encoders/encoder.ts';
import { Graph } from '../graph/graph.ts';
import { Scope, type Parameter } from '../layers/scope.ts';
import type { State } from '../trainer/state-program.ts';
import { patchFirstConv } from './patch-first-conv.ts';
import { fromStateDict, misfits } from './smp.ts';
import { wrongWeights } from './wrong-weights.ts';

const prefix = 'encoder.';
const stem = `${prefix}conv1.weight`;
const misfit = 'The encoder weights do not fit model.encoder_name';

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
  const encoder = parameters.filter(({ name }) => name.startsWith(prefix));
  const { state, problems } = fromStateDict(encoder, patched(named(file.value.tensors), encoder));
  if (problems.length === 0) return ok(state);
  return fail(wrongWeights(misfit, problems, shownAs));
}

/**
 * `readEncoder` as far as keys, types and shapes tell, which reads no weight. Where the number of `channels` that the network sees
 * is not known yet, any will do. Faults: ERS_WEIGHTS.
 */
export async function inspectEncoder(
  path: string,
  name: EncoderName,
  channels: number | undefined,
  shownAs: string = path,
): Promise<Result<null>> {
  const header = await readSafetensorsHeader(path, shownAs);
  if (!header.ok) return header;
  const tensors = named(header.value.kinds);
  const seen = tensors.get(stem)?.shape[1] ?? 3;
  const scope = new Scope(new Graph());
  makeEncoder(scope.in('encoder'), name, seen === 3 ? 3 : (channels ?? seen));
  const problems = misfits(scope.parameters, tensors);
  return problems.length === 0 ? ok(null) : fail(wrongWeights(misfit, problems, shownAs));
}

/** The tensors of the encoder under smp's names. */
function named<Kind>(tensors: ReadonlyMap<string, Kind>): ReadonlyMap<string, Kind> {
  const isSmp = [...tensors.keys()].some((name) => name.startsWith(prefix));
  return new Map(
    isSmp
      ? [...tensors].filter(([name]) => name.startsWith(prefix))
      : [...tensors]
          .filter(([name]) => !name.startsWith('fc.'))
          .map(([name, tensor]) => [`${prefix}${name}`, tensor] as const),
  );
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
