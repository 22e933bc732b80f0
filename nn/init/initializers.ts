import type { Shape } from '../graph/attribute.ts';
import { sizeOf } from '../graph/graph.ts';
import { philoxAt } from './philox.ts';

/** First values of a parameter: a function of the seed and the parameter's name alone. Filters are K×K×I×O. */
export type Initializer = (shape: Shape, seed: number, name: string) => Float32Array;

export const zeros: Initializer = (shape) => new Float32Array(sizeOf(shape));

export const ones: Initializer = (shape) => new Float32Array(sizeOf(shape)).fill(1);

/** N(0, 2/(K·K·O)): `kaiming_normal_(mode='fan_out', nonlinearity='relu')`, torchvision's for ResNets. */
export const kaimingNormalFanOut: Initializer = (shape, seed, name) =>
  normal(shape, Math.sqrt(2 / fans(shape).out), seed, name);

/** U(−b, b) with b = √(6/(K·K·I)): `kaiming_uniform_(mode='fan_in', nonlinearity='relu')`, smp's for decoders. */
export const kaimingUniformFanIn: Initializer = (shape, seed, name) =>
  uniform(shape, Math.sqrt(6 / fans(shape).in), seed, name);

/** U(−b, b) with b = √(6/(K·K·(I+O))): `xavier_uniform_`, smp's for heads. */
export const xavierUniform: Initializer = (shape, seed, name) =>
  uniform(shape, Math.sqrt(6 / (fans(shape).in + fans(shape).out)), seed, name);

/** U(−b, b) with b = 1/√(K·K·I): `Conv2d.reset_parameters`, which smp leaves to a first convolution of other than three channels. */
export const torchDefault: Initializer = (shape, seed, name) =>
  uniform(shape, 1 / Math.sqrt(fans(shape).in), seed, name);

function fans(shape: Shape): { readonly in: number; readonly out: number } {
  const [rows, columns, inputs, outputs] = shape;
  if (rows === undefined || columns === undefined || inputs === undefined || outputs === undefined) {
    throw new Error(`Internal error: ${shape.join('×')} is no filter`);
  }
  return { in: rows * columns * inputs, out: rows * columns * outputs };
}

function uniform(shape: Shape, bound: number, seed: number, name: string): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const next = philoxAt(seed, name);
  for (let at = 0; at < values.length; at += 4) {
    const words = next();
    for (let lane = 0; lane < 4 && at + lane < values.length; lane += 1) {
      values[at + lane] = bound * ((words[lane] ?? 0) / 2147483648 - 1);
    }
  }
  return values;
}

/** Box-Muller: two words make two numbers. */
function normal(shape: Shape, deviation: number, seed: number, name: string): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const next = philoxAt(seed, name);
  for (let at = 0; at < values.length; at += 4) {
    const words = next();
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - (words[pair] ?? 0) / 4294967296));
      const angle = (2 * Math.PI * (words[pair + 1] ?? 0)) / 4294967296;
      if (at + pair < values.length) values[at + pair] = radius * Math.cos(angle);
      if (at + pair + 1 < values.length) values[at + pair + 1] = radius * Math.sin(angle);
    }
  }
  return values;
}
