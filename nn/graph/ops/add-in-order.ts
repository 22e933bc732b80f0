import { sameShape, type Graph, type Node, type Tensor } from '../graph.ts';
import { add } from './arithmetic.ts';

const anchors = new WeakMap<Graph, Node>();

/**
 * a + b where the result may be added to something else again. TensorFlow's graph optimizer joins nested sums into one
 * AddN, which begins with whichever of its inputs happens to be free to be overwritten: with three of them the bits of the
 * sum would change from run to run. It leaves a node alone that waits for another one (`ArithmeticOptimizer`,
 * `AddOpsRewriteStage`), so this one waits for a node that costs nothing.
 */
export function addInOrder(graph: Graph, a: Tensor, b: Tensor): Tensor {
  if (!sameShape(a.shape, b.shape)) return add(graph, a, b);
  return graph.one({
    op: 'AddV2',
    inputs: [a, b],
    attributes: { T: { type: a.dtype } },
    dtype: a.dtype,
    shape: a.shape,
    after: [anchorOf(graph)],
    gradient: ([dy]) => [dy, dy],
  });
}

/** A variable's handle that nothing else uses: an edge from a node above would be dropped as needless. */
function anchorOf(graph: Graph): Node {
  const made =
    anchors.get(graph) ??
    graph.add({
      op: 'VarHandleOp',
      name: 'order',
      attributes: {
        dtype: { type: 'float32' },
        shape: { shape: [] },
        shared_name: { string: 'order' },
        container: { string: '' },
      },
      outputs: [{ dtype: 'resource', shape: [] }],
    });
  anchors.set(graph, made);
  return made;
}
