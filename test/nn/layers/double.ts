/** The formulas of nn/layers in double precision, as plain loops: slow, short, and sharing no line with the graph's ops. */

/** Row-major numbers; images are N×H×W×C, filters K×K×I×O. */
export interface Doubles {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const epsilon = 1e-5;

/** Σ x·filter over K×K windows, with `padding` zeros around the image. */
export function conv(
  x: Doubles,
  filter: Doubles,
  { stride, padding }: { readonly stride: number; readonly padding: number },
): Doubles {
  const [n, height, width, inputs] = image(x);
  const [kernel, , , outputs] = image(filter);
  const places = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return made([n, places(height), places(width), outputs], ([at, row, column, output]) => {
    let sum = 0;
    for (let i = 0; i < kernel; i += 1) {
      for (let j = 0; j < kernel; j += 1) {
        const [y, z] = [row * stride + i - padding, column * stride + j - padding];
        if (y < 0 || y >= height || z < 0 || z >= width) continue;
        for (let c = 0; c < inputs; c += 1) sum += get(x, [at, y, z, c]) * get(filter, [i, j, c, output]);
      }
    }
    return sum;
  });
}

export function addBias(x: Doubles, bias: Doubles): Doubles {
  return made(image(x), (place) => get(x, place) + (bias.values[place[3]] ?? NaN));
}

/** Mean, variance over N·H·W, and the variance times n/(n−1), of each channel. */
export function moments(x: Doubles): { mean: number[]; variance: number[]; unbiased: number[] } {
  const channels = image(x)[3];
  const count = x.values.length / channels;
  const of = (channel: number) => x.values.filter((_, at) => at % channels === channel);
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const all = Array.from({ length: channels }, (_, channel) => channel);
  const mean = all.map((channel) => total(of(channel)) / count);
  const squares = all.map((channel) => total(of(channel).map((v) => (v - (mean[channel] ?? NaN)) ** 2)));
  return { mean, variance: squares.map((s) => s / count), unbiased: squares.map((s) => s / (count - 1)) };
}

/** (x − mean)/√(variance + 1e-5)·weight + bias; with the image's own statistics unless some are given. */
export function batchNorm(
  x: Doubles,
  weight: Doubles,
  bias: Doubles,
  { mean, variance }: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> } = moments(x),
): Doubles {
  return made(image(x), (place) => {
    const channel = place[3];
    const deviation = Math.sqrt((variance[channel] ?? NaN) + epsilon);
    const normal = (get(x, place) - (mean[channel] ?? NaN)) / deviation;
    return normal * (weight.values[channel] ?? NaN) + (bias.values[channel] ?? NaN);
  });
}

export function relu(x: Doubles): Doubles {
  return { shape: x.shape, values: x.values.map((value) => Math.max(value, 0)) };
}

/** Each pixel as a square of 2×2. */
export function doubled(x: Doubles): Doubles {
  const [n, height, width, channels] = image(x);
  return made([n, 2 * height, 2 * width, channels], ([at, row, column, channel]) =>
    get(x, [at, row >> 1, column >> 1, channel]),
  );
}

/** The channels of x, then those of y. */
export function beside(x: Doubles, y: Doubles): Doubles {
  const [n, height, width, channels] = image(x);
  return made([n, height, width, channels + image(y)[3]], ([at, row, column, channel]) =>
    channel < channels ? get(x, [at, row, column, channel]) : get(y, [at, row, column, channel - channels]),
  );
}

type Four = readonly [number, number, number, number];

function image({ shape }: Doubles): Four {
  const [a = NaN, b = NaN, c = NaN, d = NaN] = shape;
  return [a, b, c, d];
}

function get({ shape, values }: Doubles, [a, b, c, d]: Four): number {
  const [, second = NaN, third = NaN, fourth = NaN] = shape;
  return values[((a * second + b) * third + c) * fourth + d] ?? NaN;
}

function made(shape: Four, valueAt: (place: Four) => number): Doubles {
  const [a, b, c, d] = shape;
  const values = new Float64Array(a * b * c * d);
  let at = 0;
  for (let i = 0; i < a; i += 1) {
    for (let j = 0; j < b; j += 1) {
      for (let k = 0; k < c; k += 1) {
        for (let l = 0; l < d; l += 1) {
          values[at] = valueAt([i, j, k, l]);
          at += 1;
        }
      }
    }
  }
  return { shape, values };
}
