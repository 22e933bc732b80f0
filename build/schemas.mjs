import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { findStages, importDefinitions } from './definitions.mjs';
import { importPipelineSchema, paramsSchema } from './validators.mjs';

/**
 * The JSON Schemas that editors read for `pipeline.yaml` and `config.yaml`, from what the validators are compiled of: the
 * pipeline's schema and the params of each built-in stage.
 *
 * @param {string} root
 * @returns {Promise<ReadonlyMap<string, string>>} file name in `schema/` → text
 */
export async function editorSchemas(root) {
  await mkdir(join(root, 'dist'), { recursive: true });
  const scratch = await mkdtemp(join(root, 'dist', 'building-'));
  try {
    const definitions = await importDefinitions(root, findStages(root).names, scratch);
    const pipeline = await importPipelineSchema(root, scratch);
    return new Map([
      ['pipeline.schema.json', await textOf(root, 'pipeline.yaml of ers', explained(pipeline))],
      ['config.schema.json', await textOf(root, 'config of ers', optional(configSchema(root, definitions)))],
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The groups of all stages. Open at its top, since a command may read any key; closed below, as the stages are. */
function configSchema(root, definitions) {
  const groups = new Map();
  for (const [name, { params }] of definitions) {
    const { properties } = paramsSchema(params, `stages/${name}/definition.ts`);
    for (const [key, schema] of Object.entries(properties)) {
      const alike = groups.get(key) ?? [];
      if (!alike.some((other) => JSON.stringify(other) === JSON.stringify(schema))) {
        groups.set(key, [...alike, schema]);
      }
    }
  }
  const properties = Object.fromEntries(
    [...groups]
      .filter(([key]) => !key.includes('.'))
      .map(([key, schemas]) => [key, schemas.length === 1 ? schemas[0] : { allOf: schemas }]),
  );
  for (const [key, [schema]] of groups) {
    if (key.includes('.')) addKey(properties, key.split('.'), schema);
  }
  for (const key of locationsIn(readFileSync(join(root, 'pipeline.yaml'), 'utf8'))) {
    addKey(properties, key.split('.'), location);
  }
  return { type: 'object', properties };
}

/** What has a default may be left out: only ers, which fills it in, asks for it. */
function optional(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(optional);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, optional(value)]));
  const { required, properties } = schema;
  if (!Array.isArray(required) || properties === undefined) return inner;
  return { ...inner, required: required.filter((key) => properties[key]?.default === undefined) };
}

/** Keys that the shipped pipeline names as `${a.b}`: no params, but part of its config. */
function locationsIn(pipeline) {
  return new Set([...pipeline.matchAll(/\$\{([\w.]+)\}/g)].map(([, key]) => key));
}

const location = {
  type: ['string', 'null'],
  description: 'where an input lies: a path, or stage:out',
};

/**
 * A single key within a group, unless the group has it already.
 * @param {Record<string, any>} properties @param {readonly string[]} path
 */
function addKey(properties, path, schema) {
  const [step = '', ...rest] = path;
  if (rest.length === 0) {
    properties[step] ??= schema;
  } else {
    const group = (properties[step] ??= { type: 'object', properties: {}, additionalProperties: false });
    addKey((group.properties ??= {}), rest, schema);
  }
}

/** `$comment`, which no message of a fault shows, becomes the text that an editor shows over a key. */
function explained(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(explained);
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key === '$comment' ? 'description' : key,
      explained(value),
    ]),
  );
}

async function textOf(root, title, schema) {
  const whole = { $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema };
  const style = await resolveConfig(join(root, 'package.json'));
  return format(JSON.stringify(whole), { ...style, parser: 'json' });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  await mkdir(join(root, 'schema'), { recursive: true });
  for (const [name, text] of await editorSchemas(root)) await writeFile(join(root, 'schema', name), text);
}
