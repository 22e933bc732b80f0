import { byCodeUnit } from '../../base/canonical.ts';
import { bytesField, integerField } from '../../formats/protobuf.ts';
import { encodeShape } from './attribute.ts';
import { dtypeNumbers } from './dtype.ts';
import type { Graph, Tensor } from './graph.ts';

/** The tag under which the graph is stored and loaded. */
const servingTag = 'serve';

/** What a caller feeds and gets, by names of its own (`signature_def` of `meta_graph.proto`). */
export interface Signature {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/**
 * The bytes of `saved_model.pb` (`saved_model.proto`): schema version 1 and one MetaGraphDef with the graph; where there are
 * signatures, with what they need of it.
 */
export function encodeSavedModel(graph: Graph, signatures: Readonly<Record<string, Signature>> = {}): Buffer {
  const metaInfo = bytesField(1, bytesField(4, servingTag));
  const named = Object.entries(signatures).sort(([a], [b]) => byCodeUnit(a, b));
  const targets = named.flatMap(([, { outputs }]) => Object.values(outputs));
  return Buffer.concat([
    integerField(1, 1),
    bytesField(
      2,
      metaInfo,
      bytesField(2, named.length === 0 ? graph.encode() : graph.encode(targets)),
      ...named.map(([name, signature]) =>
        bytesField(5, bytesField(1, name), bytesField(2, encodeSignature(signature))),
      ),
    ),
  ]);
}

function encodeSignature({ inputs, outputs }: Signature): Buffer {
  return Buffer.concat([
    ...encodeNamed(1, inputs),
    ...encodeNamed(2, outputs),
    bytesField(3, 'tensorflow/serving/predict'),
  ]);
}

/** A map of TensorInfo messages. */
function encodeNamed(field: number, tensors: Readonly<Record<string, Tensor>>): readonly Buffer[] {
  return Object.entries(tensors)
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, { node, index, dtype, shape }]) =>
      bytesField(
        field,
        bytesField(1, name),
        bytesField(
          2,
          bytesField(1, `${node.name}:${index}`),
          integerField(2, dtypeNumbers[dtype]),
          bytesField(3, encodeShape(shape)),
        ),
      ),
    );
}
