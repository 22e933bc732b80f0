/** The formula of bench/peers/nn_golden.py: numbers that both sides compute instead of storing them. */

/** `count` 32-bit words of a stream: murmur3's finaliser over a Weyl sequence. */
export function mixed(stream: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  const offset = Math.imul(stream, 0x9e3779b9);
  for (let at = 0; at < count; at += 1) {
    let x = (at + offset) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
    words[at] = x ^ (x >>> 16);
  }
  return words;
}

/** Values of parameter number `index`; `shape` and order are PyTorch's. */
export function parameterValues(
  seed: number,
  index: number,
  name: string,
  shape: readonly number[],
): Float32Array {
  const count = shape.reduce((product, length) => product * length, 1);
  const words = mixed(100_000 + 1000 * seed + index, count);
  const valueOf = shape.length === 4 ? ofKernel(count / (shape[0] ?? 1)) : ofChannel(name);
  const values = new Float32Array(count);
  // Not Float32Array.from: its iterator takes seconds for the millions of numbers of a network.
  for (let at = 0; at < count; at += 1) values[at] = valueOf((words[at] ?? 0) / 2147483648 - 1);
  return values;
}

function ofKernel(fanIn: number): (uniform: number) => number {
  const bound = Math.sqrt(6 / fanIn);
  return (u) => u * bound;
}

/** A channel's number: its ReLU inputs stay well on one side of 0, on the positive one where a shortcut is added. */
function ofChannel(name: string): (uniform: number) => number {
  if (name.endsWith('running_var')) return (u) => 1 + 0.25 * u;
  if (name.endsWith('weight')) return (u) => 0.5 + 0.05 * u;
  if (!name.endsWith('bias') || name === 'segmentation_head.0.bias') return (u) => 0.1 * u;
  const added = ['bn2.bias', 'bn3.bias', 'downsample.1.bias'].some((end) => name.endsWith(end));
  return (u) => (!added && u < -0.5 ? -1 : 1) * (1 + 0.1 * u);
}

export function imageBytes(count: number): Uint8Array {
  return Uint8Array.from(mixed(1, count), (word) => word >>> 24);
}

/** Labels 0…6, and `ignore` for one pixel in eight. */
export function maskBytes(count: number, ignore: number): Uint8Array {
  return Uint8Array.from(mixed(2, count), (word) => (word >>> 29 === 7 ? ignore : word >>> 29));
}

/** Norm of a tensor and its dot products with four vectors of signs; `values` are in PyTorch's order. */
export function sketch(index: number, values: Float32Array): number[] {
  let squares = 0;
  for (const value of values) squares += value * value;
  const dots = [0, 1, 2, 3].map((k) => {
    const signs = mixed(5000 + 4 * index + k, values.length);
    let total = 0;
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] ?? 0;
      total += (signs[at] ?? 0) >>> 31 === 1 ? -value : value;
    }
    return total;
  });
  return [Math.sqrt(squares), ...dots];
}
