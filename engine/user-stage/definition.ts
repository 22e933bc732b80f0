import type { Json } from '../../base/canonical.ts';
import { sayValue } from '../../base/say-value.ts';
import { didYouMean } from '../../base/suggest.ts';

/** What a user's file says of its stage: the part that is data. */
export interface UserDefinition {
  readonly does: string;
  /** JSON Schema of an object. */
  readonly params: Readonly<Record<string, Json>> & { readonly properties: Readonly<Record<string, Json>> };
  readonly deps: Readonly<Record<string, 'required' | 'optional'>>;
  readonly missing: Readonly<Record<string, string>>;
  readonly outs: Readonly<Record<string, 'file' | 'folder'>>;
  readonly workers: readonly string[];
}

/** Something wrong with a definition. `field` are the keys that lead to it; empty for the export itself. */
export interface DefinitionProblem {
  readonly field: readonly string[];
  readonly message: string;
  readonly hint?: string;
}

type Read = { readonly definition: UserDefinition } | { readonly problems: readonly DefinitionProblem[] };

const example =
  "export default defineStage({ does: '…', outs: { table: 'file' }, async run(context) { … } });";
const fields = ['does', 'params', 'deps', 'missing', 'outs', 'workers', 'run'];
/** As in pipeline.yaml. */
const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;

/** Reads the exports of a user's module; all problems of its definition together. */
export function readDefinition(exported: Readonly<Record<string, unknown>>): Read {
  const stage = exported['default'];
  if (stage === undefined) {
    return {
      problems: [{ field: [], message: 'The file has no default export.', hint: `Write: ${example}` }],
    };
  }
  if (!isRecord(stage)) {
    const message = `The default export is ${say(stage)}; expected a stage.`;
    return { problems: [{ field: ['default'], message, hint: `Write: ${example}` }] };
  }
  const problems: DefinitionProblem[] = unknownFields(stage);
  const does = stage['does'];
  if (typeof does !== 'string' || does.trim() === '') {
    problems.push({
      field: ['does'],
      message: `\`does\` is ${say(does)}; expected a sentence that says what the stage does.`,
    });
  }
  if (typeof stage['run'] !== 'function') {
    problems.push({
      field: ['run'],
      message: `\`run\` is ${say(stage['run'])}; expected a function that makes the outs.`,
    });
  }
  const deps = words(stage['deps'] ?? {}, 'deps', ['required', 'optional'], problems);
  const outs = words(stage['outs'], 'outs', ['file', 'folder'], problems);
  const missing = readMissing(stage['missing'] ?? {}, deps, problems);
  const workers = readWorkers(stage['workers'] ?? [], problems);
  const params = readParams(stage['params'] ?? { type: 'object', properties: {} }, problems);
  if (problems.length > 0 || params === undefined) return { problems };
  return { definition: { does: String(does), params, deps, missing, outs, workers } };
}

function unknownFields(stage: Readonly<Record<string, unknown>>): DefinitionProblem[] {
  return Object.keys(stage)
    .filter((field) => !fields.includes(field))
    .map((field) => ({
      field: [field],
      message: `A stage has no field \`${field}\`.`,
      ...(field === 'name'
        ? { hint: 'Remove it: a stage has the name that pipeline.yaml gives it.' }
        : didYouMean(field, fields)),
    }));
}

function words<Word extends string>(
  value: unknown,
  field: string,
  allowed: readonly Word[],
  problems: DefinitionProblem[],
): Readonly<Record<string, Word>> {
  const expected = allowed.map((word) => `'${word}'`).join(' or ');
  if (!isRecord(value)) {
    const [word = ''] = allowed;
    problems.push({
      field: [field],
      message: `\`${field}\` is ${say(value)}; expected names with ${expected}.`,
      hint: `For example ${field}: { table: '${word}' }.`,
    });
    return {};
  }
  const read: [string, Word][] = [];
  for (const [name, word] of Object.entries(value)) {
    const known = allowed.find((each) => each === word);
    if (!nameForm.test(name)) {
      const message = `\`${field}.${name}\` is no name: expected letters, digits, _ and -, with a letter first.`;
      problems.push({ field: [field, name], message });
    } else if (known === undefined) {
      problems.push({
        field: [field, name],
        message: `\`${field}.${name}\` is ${say(word)}; expected ${expected}.`,
      });
    } else read.push([name, known]);
  }
  return Object.fromEntries(read);
}

function readMissing(
  value: unknown,
  deps: Readonly<Record<string, unknown>>,
  problems: DefinitionProblem[],
): Readonly<Record<string, string>> {
  if (!isRecord(value)) {
    problems.push({
      field: ['missing'],
      message: `\`missing\` is ${say(value)}; expected input names with sentences.`,
    });
    return {};
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      problems.push({
        field: ['missing', name],
        message: `\`missing.${name}\` is ${say(text)}; expected a sentence.`,
      });
    } else if (!Object.hasOwn(deps, name)) {
      problems.push({
        field: ['missing', name],
        message: `\`missing.${name}\` is about no input of the stage.`,
        ...didYouMean(name, Object.keys(deps)),
      });
    }
  }
  return value as Readonly<Record<string, string>>;
}

function readWorkers(value: unknown, problems: DefinitionProblem[]): readonly string[] {
  const isName = (item: unknown) => typeof item === 'string' && nameForm.test(item);
  if (Array.isArray(value) && value.every(isName) && !value.includes('run'))
    return value as readonly string[];
  problems.push({
    field: ['workers'],
    message: `\`workers\` is ${Array.isArray(value) ? JSON.stringify(value) : say(value)}; expected names of modules beside the file.`,
    hint: "For example workers: ['tile-worker'] for tile-worker.ts; none is named `run`.",
  });
  return [];
}

/** What ajv finds wrong inside is told when the validator is compiled. */
function readParams(value: unknown, problems: DefinitionProblem[]): UserDefinition['params'] | undefined {
  const hint = 'Give a Type.Object({ … }) or a JSON Schema of an object.';
  const schema = toJson(value);
  if (!isRecord(schema) || schema['type'] !== 'object' || !isRecord(schema['properties'])) {
    problems.push({
      field: ['params'],
      message: `\`params\` is ${say(value)}; expected the schema of an object.`,
      hint,
    });
    return undefined;
  }
  const loose = Object.keys(schema).filter((key) => !schemaKeys.has(key));
  if (loose.length > 0) {
    problems.push({
      field: ['params'],
      message: `\`params\` has \`${loose.join('`, `')}\` at its top, where each member is a key of config.yaml.`,
      hint: 'Use it inside a member.',
    });
    return undefined;
  }
  return schema as UserDefinition['params'];
}

/** The top level of params is a list of config keys; combinations of schemas belong inside them. */
const schemaKeys = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'title',
  'description',
  '$id',
]);

/** As a file would hold it; undefined for what JSON cannot hold. */
function toJson(value: unknown): unknown {
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch (error) {
    // A circle, or a bigint.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function say(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'function') return 'a function';
  if (['symbol', 'bigint'].includes(typeof value)) return `a ${typeof value}`;
  return sayValue(value);
}
