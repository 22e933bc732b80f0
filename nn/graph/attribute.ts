import { unreachable } from '../../base/unreachable.ts';
import { dtypeNumbers, type DType } from './dtype.ts';
import { bytesField, floatField, integerField } from '../../formats/protobuf.ts';

export type Shape = readonly number[];

/** The length of an axis that is known only when the graph runs; only the first one of images in a graph for prediction. */
export const anyLength = -1;

/** One attribute of a node (`attr_value.proto`). */
export type Attribute =
  | { readonly type: DType }
  | { readonly string: string }
  | { readonly integer: number }
  | { readonly integers: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly shape: Shape }
  | { readonly tensor: { readonly dtype: DType; readonly shape: Shape; readonly bytes: Uint8Array } };

export type Attributes = Readonly<Record<string, Attribute>>;

/** The AttrValue message. */
export function encodeAttribute(attribute: Attribute): Buffer {
  if ('type' in attribute) return integerField(6, dtypeNumbers[attribute.type]);
  if ('string' in attribute) return bytesField(2, attribute.string);
  if ('integer' in attribute) return integerField(3, attribute.integer);
  if ('integers' in attribute) {
    return bytesField(1, ...attribute.integers.map((value) => integerField(3, value)));
  }
  if ('float' in attribute) return floatField(4, attribute.float);
  if ('bool' in attribute) return integerField(5, attribute.bool ? 1 : 0);
  if ('shape' in attribute) return bytesField(7, encodeShape(attribute.shape));
  if ('tensor' in attribute) {
    const { dtype, shape, bytes } = attribute.tensor;
    return bytesField(
      8,
      integerField(1, dtypeNumbers[dtype]),
      bytesField(2, encodeShape(shape)),
      bytesField(4, bytes),
    );
  }
  return unreachable(attribute);
}

/** The TensorShapeProto message. */
export function encodeShape(shape: Shape): Buffer {
  return Buffer.concat(shape.map((size) => bytesField(2, integerField(1, size))));
}
