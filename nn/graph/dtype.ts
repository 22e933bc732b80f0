import { dataType } from '../../runtime/binding.ts';

/** Element types that a graph uses, with their number in TensorFlow's `types.proto`. */
export const dtypeNumbers = {
  float32: dataType.float32,
  int32: dataType.int32,
  uint8: dataType.uint8,
  bool: dataType.bool,
  bfloat16: dataType.bfloat16,
  resource: dataType.resource,
} as const;

export type DType = keyof typeof dtypeNumbers;
