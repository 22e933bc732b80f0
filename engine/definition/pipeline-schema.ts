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
    uses: { ...text, $comment: 'a built-in stage, or a file of your own: ./my-stage.ts' },
    cmd: {
      $comment:
        'any program: a list of words, or a line for /bin/sh; {deps.NAME}, {outs.NAME} and {params.KEY} stand for paths and values',
      anyOf: [text, { type: 'array', minItems: 1, items: { type: 'string' } }],
    },
    deps: {
      $comment: 'inputs by name: a path, stage:out, stage:out/path, or ${key} of the config',
      title: 'names with inputs',
      type: 'object',
      propertyNames: { pattern: name },
      additionalProperties: text,
    },
    outs: {
      $comment: 'outputs by name: relative paths; one that ends in / is a folder',
      title: 'names with paths',
      type: 'object',
      propertyNames: { pattern: name },
      additionalProperties: { type: 'string' },
    },
    params: {
      $comment: 'keys of the config that the stage reads; a change of one makes it stale',
      type: 'array',
      items: text,
      uniqueItems: true,
    },
    metrics: {
      $comment: 'outs with a JSON object of numbers, which are shown and recorded',
      type: 'array',
      items: text,
      uniqueItems: true,
    },
    env: {
      $comment: 'names of environment variables that the program sees; their values count as input',
      type: 'array',
      items: {
        type: 'string',
        title:
          'the name of a variable other than TMPDIR, CUDA_VISIBLE_DEVICES and ERS_…, which are the engine’s',
        pattern: '^(?!ERS_|TMPDIR$|CUDA_VISIBLE_DEVICES$)[A-Za-z_][A-Za-z0-9_]*$',
      },
      uniqueItems: true,
    },
    matrix: {
      $comment: 'keys of the config, each with a list of values: the stage is made once for each combination',
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: configKey },
      additionalProperties: { type: 'array', minItems: 1 },
    },
    resources: {
      ...slots,
      $comment: 'what the stage needs while it runs: gpu: 1, mem: 8G, or counted slots of any name',
    },
    retries: {
      $comment: 'how often it is started again after it failed',
      type: 'integer',
      minimum: 0,
      maximum: 10,
    },
    timeout: {
      $comment: 'how long an attempt may take: seconds, or 90s, 30m, 2h',
      anyOf: [
        { type: 'number' },
        { type: 'string', pattern: spanPattern, title: 'a time such as 90s, 30m or 2h' },
      ],
    },
    checkpoint: {
      $comment:
        'how often a stage that can go on later saves where it stands, 10m without it: seconds, or 90s, 10m, 1h; 0: as often as it can',
      anyOf: [
        { type: 'number' },
        { type: 'string', pattern: spanPattern, title: 'a time such as 90s, 30m or 2h' },
      ],
    },
    frozen: { $comment: 'never runs: the last result stands, whatever changed', type: 'boolean' },
    always: { $comment: 'runs each time', type: 'boolean' },
    keep: {
      $comment: 'which of its results ers gc keeps beside those in use',
      enum: ['all', 'last', 'none'],
    },
  },
} as const;

export const pipelineSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['stages'],
  properties: {
    config: { ...text, $comment: 'file with the values that stages read' },
    store: { ...text, $comment: 'folder of the store; .ers without it' },
    stages: {
      $comment: 'the stages by name',
      title: 'one stage or more, by name',
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: name },
      additionalProperties: stage,
    },
    slots: { ...slots, $comment: 'how much there is of what stages need: gpu: 2, mem: 32G' },
    default: {
      $comment: 'what a plain ers run makes, with all above it; without it the stages that no other reads',
      type: 'array',
      minItems: 1,
      items: text,
      uniqueItems: true,
    },
  },
} as const;
