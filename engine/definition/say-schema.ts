import type { Json } from '../../base/canonical.ts';
import { sayValue } from '../../base/say-value.ts';

/** The part of JSON Schema that stages use, as ajv hands it over. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly minProperties?: number;
  readonly pattern?: string;
  /** What the schema allows, where its own words say less: `a colour such as '#2f6fa8'`. */
  readonly title?: string;
  readonly description?: string;
}

/** What a schema allows, in plain words: `an integer of at least 1`, `one of adam, sgd`, `a list of 2 numbers`. */
export function saySchema(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return sayValue(schema.const);
  if (schema.enum !== undefined) return choices(schema.enum.map(sayWord));
  const members = schema.anyOf ?? schema.oneOf;
  if (members !== undefined) {
    const values = members.map((member) => member.const);
    if (values.every((value) => value !== undefined)) return choices(values.map(sayWord));
    return [...new Set(members.map(saySchema))].join(' or ');
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0) return 'a value';
  return types.map((type) => sayType(type, schema)).join(' or ');
}

function sayType(type: string, schema: Schema): string {
  switch (type) {
    case 'integer':
      return `an integer${sayRange(schema)}`;
    case 'number':
      return `a number${sayRange(schema)}`;
    case 'string':
      if (schema.pattern !== undefined) return `text of the form ${schema.pattern}`;
      return (schema.minLength ?? 0) > 0 ? 'text that is not empty' : 'text';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return sayList(schema);
    default:
      return (schema.minProperties ?? 0) > 0 ? 'a mapping that is not empty' : 'a mapping';
  }
}

function sayRange(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const steps = multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}${steps}`;
  const bounds = [
    ...(minimum === undefined ? [] : [`of at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`of at most ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return `${bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`}${steps}`;
}

function sayList({ items, minItems, maxItems }: Schema): string {
  const least = minItems ?? 0;
  const count =
    maxItems === minItems && minItems !== undefined
      ? ` of ${minItems}`
      : maxItems !== undefined
        ? ` of ${least} to ${maxItems}`
        : least > 0
          ? ` of at least ${least}`
          : '';
  if (Array.isArray(items)) {
    return `a list of ${items.length}: ${(items as readonly Schema[]).map(saySchema).join(', ')}`;
  }
  const noun = least === 1 && (maxItems === undefined || maxItems === 1) ? 'item' : 'items';
  if (items === undefined) return count === '' ? 'a list' : `a list${count} ${noun}`;
  return `a list${count === '' ? '' : `${count} ${noun}`}, each ${saySchema(items as Schema)}`;
}

function sayWord(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function choices(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`;
}
