import { encodeAttribute, type Attributes, type Shape } from './attribute.ts';
import type { DType } from './dtype.ts';
import { bytesField, integerField } from '../../formats/protobuf.ts';

/** One output of a node: a value that will exist when the graph runs. Shapes are static; images are N×H×W×C. */
export interface Tensor {
  readonly node: Node;
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly gradient: Gradient | undefined;
}

/**
 * Takes the loss's gradient with respect to each output (undefined where the loss does not depend on it) and returns
 * those with respect to each input (undefined for inputs that need none, such as labels).
 */
type Gradient = (outputs: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[];

export interface NodeOptions {
  readonly op: string;
  readonly inputs?: readonly Tensor[];
  readonly attributes?: Attributes;
  readonly outputs: readonly { readonly dtype: DType; readonly shape: Shape }[];
  /** Nodes that must have run before this one. */
  readonly after?: readonly Node[];
  /** Missing: no gradient flows through this node. */
  readonly gradient?: Gradient;
  /** Missing: the op's name with a running number. */
  readonly name?: string;
}

/** Version of the op definitions that the graph was written against (`versions.producer`): TensorFlow 2.4 and later read it. */
const producer = 1205;

/** What a graph is written for: some gradients have a quicker form on a processor. */
export type Device = 'cpu' | 'gpu';

/** Records nodes in order, each after its inputs, and writes them as a GraphDef. */
export class Graph {
  readonly device: Device;
  readonly nodes: Node[] = [];
  readonly #encoded: Buffer[] = [];
  readonly #names = new Set<string>();
  readonly #consumers = new Map<Node, Node[]>();

  constructor(device: Device = 'cpu') {
    this.device = device;
  }

  add(options: NodeOptions): Node {
    const { op, inputs = [], attributes = {}, after = [], gradient } = options;
    const name = options.name ?? `${op}.${this.nodes.length}`;
    if (this.#names.has(name)) throw new Error(`Internal error: two nodes are called ${name}`);
    this.#names.add(name);
    const outputs: Tensor[] = [];
    const node: Node = { name, op, inputs, outputs, gradient };
    options.outputs.forEach(({ dtype, shape }, index) => outputs.push({ node, index, dtype, shape }));
    this.nodes.push(node);
    for (const input of inputs) {
      const consumers = this.#consumers.get(input.node);
      if (consumers === undefined) this.#consumers.set(input.node, [node]);
      else consumers.push(node);
    }
    this.#encoded.push(
      bytesField(
        1,
        bytesField(1, name),
        bytesField(2, op),
        ...inputs.map((input) => bytesField(3, `${input.node.name}:${input.index}`)),
        ...after.map((earlier) => bytesField(3, `^${earlier.name}`)),
        ...Object.entries(attributes).map(([key, value]) =>
          bytesField(5, bytesField(1, key), bytesField(2, encodeAttribute(value))),
        ),
      ),
    );
    return node;
  }

  /** `add` for a node with one output. */
  one(options: Omit<NodeOptions, 'outputs'> & { readonly dtype: DType; readonly shape: Shape }): Tensor {
    return output(this.add({ ...options, outputs: [{ dtype: options.dtype, shape: options.shape }] }), 0);
  }

  /** The nodes recorded so far that read an output of `node`. */
  consumers(node: Node): readonly Node[] {
    return this.#consumers.get(node) ?? [];
  }

  /** The nodes that must run to compute `targets`. */
  ancestors(targets: readonly Tensor[]): ReadonlySet<Node> {
    const found = new Set(targets.map((target) => target.node));
    for (const node of [...this.nodes].reverse()) {
      if (found.has(node)) for (const input of node.inputs) found.add(input.node);
    }
    return found;
  }

  /** The GraphDef message: all nodes, or those that must run to compute `targets`. */
  encode(targets?: readonly Tensor[]): Buffer {
    const needed = targets === undefined ? undefined : this.ancestors(targets);
    const encoded = this.#encoded.filter((_, at) => {
      const node = this.nodes[at];
      return needed === undefined || (node !== undefined && needed.has(node));
    });
    return Buffer.concat([...encoded, bytesField(4, integerField(1, producer))]);
  }
}

export function output(node: Node, index: number): Tensor {
  const tensor = node.outputs[index];
  if (tensor === undefined) throw new Error(`Internal error: ${node.name} has no output ${index}`);
  return tensor;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The dimension at `axis`, counted from the end where negative. */
export function dimension(tensor: Tensor, axis: number): number {
  const length = tensor.shape.at(axis);
  if (length === undefined) {
    throw new Error(
      `Internal error: ${tensor.node.name} of shape ${tensor.shape.join('×')} has no axis ${axis}`,
    );
  }
  return length;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
