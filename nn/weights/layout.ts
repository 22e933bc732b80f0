import type { Shape } from '../graph/attribute.ts';

/** PyTorch keeps filters as O×I×K×K, TensorFlow as K×K×I×O. Vectors are the same on both sides. */

export function torchShape(shape: Shape): Shape {
  const [rows, columns, inputs, outputs] = shape;
  if (rows === undefined || columns === undefined || inputs === undefined || outputs === undefined)
    return shape;
  return [outputs, inputs, rows, columns];
}

/** Values of a parameter of TensorFlow's `shape` in PyTorch's order; vectors are handed back as they are. */
export function toTorch(shape: Shape, values: Float32Array): Float32Array {
  return reorder(shape, values, (ours, torch, result) => (result[torch] = values[ours] ?? 0));
}

/** The reverse of `toTorch`; `shape` is TensorFlow's. */
export function fromTorch(shape: Shape, values: Float32Array): Float32Array {
  return reorder(shape, values, (ours, torch, result) => (result[ours] = values[torch] ?? 0));
}

function reorder(
  shape: Shape,
  values: Float32Array,
  move: (ours: number, torch: number, result: Float32Array) => void,
): Float32Array {
  const [rows, columns, inputs, outputs] = shape;
  if (rows === undefined || columns === undefined || inputs === undefined || outputs === undefined)
    return values;
  const result = new Float32Array(values.length);
  const places = rows * columns;
  let ours = 0;
  for (let place = 0; place < places; place += 1) {
    for (let input = 0; input < inputs; input += 1) {
      for (let output = 0; output < outputs; output += 1) {
        move(ours, (output * inputs + input) * places + place, result);
        ours += 1;
      }
    }
  }
  return result;
}
