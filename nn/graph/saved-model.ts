import { bytesField, integerField } from '../../formats/protobuf.ts';
import type { Graph } from './graph.ts';

/** The tag under which the graph is stored and loaded. */
const servingTag = 'serve';

/** The bytes of `saved_model.pb` (`saved_model.proto`): schema version 1 and one MetaGraphDef with the graph. */
export function encodeSavedModel(graph: Graph): Buffer {
  const metaInfo = bytesField(1, bytesField(4, servingTag));
  return Buffer.concat([integerField(1, 1), bytesField(2, metaInfo, bytesField(2, graph.encode()))]);
}
