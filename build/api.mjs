import * as TypeBox from 'typebox';

/**
 * What `import { defineStage, Type } from 'ers'` gives. Only these builders, so that a stage's bundle does not hold all of typebox.
 *
 * @type {typeof import('../engine/user-stage/api.ts').Type}
 */
export const Type = {
  Array: TypeBox.Array,
  Boolean: TypeBox.Boolean,
  Integer: TypeBox.Integer,
  Literal: TypeBox.Literal,
  Null: TypeBox.Null,
  Number: TypeBox.Number,
  Object: TypeBox.Object,
  Optional: TypeBox.Optional,
  Record: TypeBox.Record,
  String: TypeBox.String,
  Tuple: TypeBox.Tuple,
  Union: TypeBox.Union,
};

/**
 * Hands the stage back: all it does is done by its type.
 *
 * @template Stage
 * @param {Stage} stage
 * @returns {Stage}
 */
export function defineStage(stage) {
  return stage;
}
