import { sizePattern, spanPattern } from './quantities.ts';

/**
 * JSON Schema of pipeline.yaml: shapes only. What needs more than one value at a time (edges, outs that clash,
 * cycles) is checked by the files beside this one. Compiled by the build; never loaded at run time.
 */
/** At most 100 characters: files are named by it, and a name may have 255 bytes. */
const name = '^[A-Za-z][A-Za-z0-9_-]{0,99}$';
const text = { type: 'string', minLength: 1 } as const;

/** A dotted key of the config. */
const configKey = '^[^.\\s]+(\\.[^.\\s]+)*$';

const slots = {
  type: 'object',
  propertyNames: { pattern: name },
  properties: {
    mem: {
      anyOf: [
        { type: 'integer', minimum: 0 },
        { type: 'string', pattern: sizePattern, title: 'a size such as 8G or 512M' },
      ],
    },
  },
  additionalProperties: { type: 'integer', minimum: 0 },
} as const;

const stage = {
  type: 'object',
  additionalProperties: false,
  properties: {
    uses: text,
    cmd: { anyOf: [text, { type: 'array', minItems: 1, items: { type: 'string' } }] },
    deps: { type: 'object', propertyNames: { pattern: name }, additionalProperties: text },
    outs: { type: 'object', propertyNames: { pattern: name }, additionalProperties: { type: 'string' } },
    params: { type: 'array', items: text, uniqueItems: true },
    metrics: { type: 'array', items: text, uniqueItems: true },
    env: {
      type: 'array',
      items: { type: 'string', pattern: '^(?!ERS_|TMPDIR$)[A-Za-z_][A-Za-z0-9_]*$' },
      uniqueItems: true,
    },
    matrix: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: configKey },
      additionalProperties: { type: 'array', minItems: 1 },
    },
    resources: slots,
    retries: { type: 'integer', minimum: 0, maximum: 10 },
    timeout: {
      anyOf: [
        { type: 'number' },
        { type: 'string', pattern: spanPattern, title: 'a time such as 90s, 30m or 2h' },
      ],
    },
    frozen: { type: 'boolean' },
    always: { type: 'boolean' },
    keep: { enum: ['all', 'last', 'none'] },
  },
} as const;

export const pipelineSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['stages'],
  properties: {
    config: text,
    store: text,
    stages: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: name },
      additionalProperties: stage,
    },
    slots,
    default: { type: 'array', minItems: 1, items: text, uniqueItems: true },
  },
} as const;
