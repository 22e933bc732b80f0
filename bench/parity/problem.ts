import { readFileSync } from 'node:fs';
import { FaultError } from '../../base/fault.ts';
import { randomAt } from '../../base/random.ts';
import { parseNpy, type NpyArray } from '../../formats/npy.ts';
import { readSafetensors } from '../../formats/safetensors.ts';
import { initialState } from '../../nn/initial-state.ts';
import type { Parameter } from '../../nn/layers/scope.ts';
import type { State } from '../../nn/trainer/state-program.ts';
import { readEncoder } from '../../nn/weights/encoder-file.ts';
import { fromStateDict } from '../../nn/weights/smp.ts';
import { wrongWeights } from '../../nn/weights/wrong-weights.ts';
import { oneValue, type ParityOptions } from './options.ts';

/** A batch: uint8 images N×H×W×C and masks N×H×W. */
export interface BatchOf {
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly images: Uint8Array;
  readonly masks: Uint8Array;
}

/** Something that the user gave cannot be used; the message says what and why. */
export class Unusable extends Error {}

/**
 * The user's weights, or random ones that have seen some training: batch norms have weights and statistics of their own.
 * Beside the user's encoder stands a random decoder.
 */
export async function weightsFor(options: ParityOptions, parameters: readonly Parameter[]): Promise<State> {
  if (options.weights === null) return randomWeights(parameters, options.seed);
  const file = await readSafetensors(options.weights);
  if (!file.ok) throw new FaultError(...file.faults);
  if (![...file.value.tensors.keys()].some((name) => name.startsWith('decoder.'))) {
    const encoder = await readEncoder(options.weights, parameters);
    if (!encoder.ok) throw new FaultError(...encoder.faults);
    return new Map([...randomWeights(parameters, options.seed), ...encoder.value]);
  }
  const { state, problems } = fromStateDict(parameters, file.value.tensors);
  if (problems.length > 0) {
    throw new FaultError(wrongWeights('The weights do not fit the options', problems, options.weights));
  }
  return state;
}

function randomWeights(parameters: readonly Parameter[], seed: number): State {
  const first = initialState(parameters, seed);
  return new Map(
    parameters.map(({ name, variable }) => {
      const values = first.get(name) ?? new Float32Array();
      if (variable.shape.length !== 1) return [name, values];
      const random = randomAt('bench/parity', seed, name);
      const spread = name.endsWith('running_var') ? 0.5 : 0.2;
      return [name, values.map((value) => value + spread * random.uniform(-1, 1))];
    }),
  );
}

/** The user's files, or coloured squares of classes under noise, one pixel in ten ignored. */
export function batchFor(options: ParityOptions): BatchOf {
  return options.images === null || options.masks === null
    ? randomBatch(options)
    : filesBatch(options, options.images, options.masks);
}

const square = 16;

function randomBatch({ batch: n, size, channels, classes, ignore, seed }: ParityOptions): BatchOf {
  const images = new Uint8Array(n * size * size * channels);
  const masks = new Uint8Array(n * size * size);
  const across = size / square;
  for (let image = 0; image < n; image += 1) {
    const random = randomAt('bench/parity', seed, 'image', image);
    const labels = Array.from({ length: across * across }, () => random.integer(0, classes - 1));
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const pixel = (image * size + y) * size + x;
        const label = labels[Math.floor(y / square) * across + Math.floor(x / square)] ?? 0;
        masks[pixel] = random.next() < 0.1 ? ignore : label;
        for (let channel = 0; channel < channels; channel += 1) {
          images[pixel * channels + channel] = ((label * 67 + channel * 91) % 156) + random.integer(0, 99);
        }
      }
    }
  }
  return { n, height: size, width: size, images, masks };
}

function filesBatch({ channels, classes, ignore }: ParityOptions, images: string, masks: string): BatchOf {
  const [pictures, truth] = [arrayOf(images, '--images'), arrayOf(masks, '--masks')];
  const [n = 0, height = 0, width = 0, depth = 0] = pictures.shape;
  const shape = pictures.shape.join('×');
  if (pictures.shape.length !== 4 || depth !== channels) {
    throw new Unusable(`--images has the shape ${shape}; expected N×H×W×${channels} (--channels).`);
  }
  if (truth.shape.join('×') !== [n, height, width].join('×')) {
    throw new Unusable(`--masks has the shape ${truth.shape.join('×')}; expected ${n}×${height}×${width}.`);
  }
  if (n === 0 || height % 32 !== 0 || width % 32 !== 0) {
    throw new Unusable(`--images has the shape ${shape}; height and width must be multiples of 32.`);
  }
  if (n * height * width === 32 * 32) throw new Unusable(oneValue);
  const wrong = truth.data.find((label) => label >= classes && label !== ignore);
  if (wrong !== undefined) {
    throw new Unusable(
      `--masks holds the label ${wrong}; expected 0…${classes - 1} (--classes) or ${ignore} (--ignore).`,
    );
  }
  return { n, height, width, images: pictures.data, masks: truth.data };
}

function arrayOf(path: string, option: string): NpyArray & { readonly data: Uint8Array } {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Unusable(
      `${option} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const array = parseNpy(bytes, path);
  if (!array.ok) {
    throw new Unusable(`${option}: ${array.faults.map(({ message }) => message).join(' ')} Expected uint8.`);
  }
  const { data } = array.value;
  if (!(data instanceof Uint8Array)) throw new Unusable(`${option} holds fp32; expected uint8.`);
  return { ...array.value, data };
}
