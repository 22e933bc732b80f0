import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Validator } from '../../../engine/definition/built.ts';
import type { Schema } from '../../../engine/definition/say-schema.ts';
import { saySchema } from '../../../engine/definition/say-schema.ts';
import { sayValue } from '../../../base/say-value.ts';
import { schemaFaults } from '../../../engine/definition/schema-faults.ts';

const file = 'x';
const ground = {
  value: (path: readonly string[]) => ({ file: [file, ...path].join('/') }),
  key: (path: readonly string[]) => ({ file: [file, 'key', ...path].join('/') }),
  name: (path: readonly string[]) => path.join('.'),
};

function messages(schema: object, data: unknown): readonly string[] {
  const validate = new Ajv({ allErrors: true, verbose: true }).compile(schema) as Validator;
  validate(data);
  return schemaFaults(validate.errors ?? [], ground).map(
    ({ message, place }) => `${place?.file ?? ''} ${message}`,
  );
}

const schedule = {
  anyOf: [
    {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'T_max'],
      properties: { name: { const: 'cosine' }, T_max: { type: 'integer', minimum: 1 } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'step'],
      properties: { name: { const: 'step' }, step: { type: 'number' } },
    },
  ],
};
const config = { type: 'object', properties: { schedule } };

describe('a choice between mappings', () => {
  test('that a literal member tells apart gives the faults of the one that was meant', () => {
    expect(messages(config, { schedule: { name: 'cosine', T_max: 0 } })).toEqual([
      'x/schedule/T_max `schedule.T_max`: expected an integer of at least 1, got 0 (number).',
    ]);
    expect(messages(config, { schedule: { name: 'step', step: 1, T_max: 3 } })).toEqual([
      'x/key/schedule/T_max Unknown key `T_max` in `schedule`.',
    ]);
  });

  test('names the literals where none fits', () => {
    expect(messages(config, { schedule: { name: 'cosin', T_max: 3 } })).toEqual([
      'x/schedule/name `schedule.name`: expected one of cosine, step, got "cosin" (string).',
    ]);
  });

  test('names the choice where the value is no mapping at all', () => {
    expect(messages(config, { schedule: 3 })).toEqual([
      'x/schedule `schedule`: expected a mapping, got 3 (number).',
    ]);
  });
});

const said: readonly (readonly [Schema, string])[] = [
  [{ type: 'integer', minimum: 1, maximum: 9 }, 'an integer from 1 to 9'],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 'a number above 0 and below 1'],
  [{ type: 'integer', minimum: 32, multipleOf: 32 }, 'an integer of at least 32, a multiple of 32'],
  [{ enum: ['a', 'b', null] }, 'one of a, b, null'],
  [{ const: 'a' }, '"a" (string)'],
  [{ type: ['string', 'null'] }, 'text or null'],
  [{ type: 'string', minLength: 1 }, 'text that is not empty'],
  [{ type: 'object', minProperties: 1 }, 'a mapping that is not empty'],
  [{ type: 'array', minItems: 1 }, 'a list of at least 1 item'],
  [
    { type: 'array', minItems: 1, maxItems: 3, items: { type: 'boolean' } },
    'a list of 1 to 3 items, each true or false',
  ],
  [{ type: 'array', items: [{ type: 'number' }, { type: 'string' }] }, 'a list of 2: a number, text'],
  [{}, 'a value'],
];

test.each(said)('%j is said as: %s', (schema, words) => {
  expect(saySchema(schema)).toBe(words);
});

test.each([
  ['abc', '"abc" (string)'],
  [true, 'true (boolean)'],
  [null, 'nothing (null)'],
  [[1], 'a list of 1 item'],
  [{}, 'an empty mapping'],
  [{ a: 1 }, 'a mapping'],
  ['x'.repeat(100), `"${'x'.repeat(56)}… (string)`],
])('the value %j is said as: %s', (value, words) => {
  expect(sayValue(value)).toBe(words);
});
