import { dimension, type Graph, type Tensor } from '../graph.ts';
import { cast } from './arithmetic.ts';
import { constant } from './constant.ts';
import { convTranspose2d } from './conv.ts';
import { matmul } from './matmul.ts';
import { reshape, transpose } from './shape.ts';

/**
 * Row a says which of the three taps of a 3×3 filter (in one direction) meet the same source pixel at place a of the
 * 4×4 filter: a doubled pixel covers two neighbours, so its taps add up.
 */
const fold = [
  [0, 0, 1],
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
] as const;

/**
 * conv3×3(nearest×2(x)) with zero padding 1, as ONE transposed convolution 4×4 with stride 2: 2.25 times fewer
 * multiplications, and nothing of twice the size is built in between. x is N×H×W×I, the filter 3×3×I×O, the result N×2H×2W×O.
 * The taps are added in the filter's type, and only then rounded to that of x.
 */
export function upConv(graph: Graph, x: Tensor, filter: Tensor): Tensor {
  const [inputs, outputs] = [dimension(filter, 2), dimension(filter, 3)];
  const both = fold.flatMap((row) => fold.flatMap((column) => row.flatMap((r) => column.map((c) => r * c))));
  const folding = constant(graph, both, [16, 9]);
  const taps = matmul(graph, folding, reshape(graph, filter, [9, inputs * outputs]));
  const swapped = transpose(graph, reshape(graph, taps, [16, inputs, outputs]), [0, 2, 1]);
  const shape = [dimension(x, 0), 2 * dimension(x, 1), 2 * dimension(x, 2), outputs];
  const folded = cast(graph, reshape(graph, swapped, [4, 4, outputs, inputs]), x.dtype);
  return convTranspose2d(graph, x, folded, shape, {
    stride: 2,
    padding: 1,
  });
}
