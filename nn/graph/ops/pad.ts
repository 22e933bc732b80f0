import type { Shape } from '../attribute.ts';
import type { Graph, Tensor } from '../graph.ts';
import { integers } from './constant.ts';

/** N×H×W×C with `width` rows and columns of zeros on each of the four sides: N×(H + 2·width)×(W + 2·width)×C. */
export function padImages(graph: Graph, x: Tensor, width: number): Tensor {
  const paddings = integers(graph, [0, 0, width, width, width, width, 0, 0], [4, 2]);
  return graph.one({
    op: 'Pad',
    inputs: [x, paddings],
    attributes: { T: { type: x.dtype }, Tpaddings: { type: 'int32' } },
    dtype: x.dtype,
    shape: x.shape.map((length, axis) => (axis === 1 || axis === 2 ? length + 2 * width : length)),
    gradient: ([dy]) => [dy && cutImages(graph, dy, x.shape, width)],
  });
}

/** What lies within the padding: images of the given shape. */
function cutImages(graph: Graph, x: Tensor, shape: Shape, width: number): Tensor {
  return graph.one({
    op: 'Slice',
    inputs: [x, integers(graph, [0, width, width, 0]), integers(graph, shape)],
    attributes: { T: { type: x.dtype }, Index: { type: 'int32' } },
    dtype: x.dtype,
    shape,
  });
}
