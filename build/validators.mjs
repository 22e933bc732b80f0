import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { BuildError, compile } from './compile.mjs';

/**
 * One module with a compiled validator for pipeline.yaml and for the params of each stage, so that neither ajv nor
 * typebox is loaded at run time. It exports `pipeline`, `stages` (name → validator) and `checks` (name → the definition's
 * `check`, for those that have one).
 *
 * @param {string} root
 * @param {ReadonlyMap<string, import('../engine/stage.ts').StageDefinition>} definitions
 * @param {string} scratch an existing folder below `root`
 * @returns {Promise<Uint8Array>}
 */
export async function compileValidators(root, definitions, scratch) {
  const ajv = sourceAjv();
  add(ajv, 'pipeline', await importPipelineSchema(root, scratch), 'engine/definition/pipeline-schema.ts');
  const names = [...definitions.keys()];
  [...definitions].forEach(([name, { params }], index) => {
    const place = `stages/${name}/definition.ts`;
    add(ajv, `stage${index}`, paramsSchema(params, place), place);
  });
  const exports = Object.fromEntries(
    ['pipeline', ...names.map((_, index) => `stage${index}`)].map((id) => [id, id]),
  );
  const table = names.map((name, index) => `${JSON.stringify(name)}: stage${index}`).join(', ');
  const checked = names.filter((name) => definitions.get(name)?.check !== undefined);
  const contents = [
    ...checked.map((name, index) => `import { check as check${index} } from './stages/${name}/check.ts';`),
    standalone.default(ajv, exports),
    `export const stages = { ${table} };`,
    `export const checks = { ${checked.map((name, index) => `${JSON.stringify(name)}: check${index}`).join(', ')} };`,
  ].join('\n');
  const result = await compile(root, {
    stdin: { contents, resolveDir: root, sourcefile: 'validators' },
    // As the program (build/program.mjs): its code can be kept.
    format: 'cjs',
    charset: 'ascii',
  });
  refusePackages(result.metafile);
  return result.outputFiles[0].contents;
}

/**
 * A module whose export `params` validates the params of one stage, for a stage of the user.
 *
 * @param {string} ers the folder of ers, where ajv is found
 * @param {object} params
 * @param {string} place how a fault of the schema names it
 * @returns {Promise<Uint8Array>}
 * @throws {BuildError} when the schema is none
 */
export async function compileParams(ers, params, place) {
  const ajv = sourceAjv();
  add(ajv, 'params', paramsSchema(params, place), place);
  const contents = standalone.default(ajv, { params: 'params' });
  const result = await compile(ers, { stdin: { contents, resolveDir: ers, sourcefile: 'validator' } });
  return result.outputFiles[0].contents;
}

function sourceAjv() {
  return new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    useDefaults: true,
    code: { source: true, esm: true },
  });
}

/** Through JSON: what typebox keeps beside the schema is not for ajv. */
export function paramsSchema(params, place) {
  return fillable(close(JSON.parse(JSON.stringify(params))), place);
}

/** Every start of ers loads this module: no stage's check may bring a package with it. What ajv's own code needs is small. */
function refusePackages({ inputs }) {
  const found = Object.entries(inputs).flatMap(([path, { imports }]) =>
    path.startsWith('stages/') || path.startsWith('base/')
      ? imports.flatMap((used) =>
          used.path.includes('node_modules/') ? [`${path} reaches ${used.original ?? used.path}`] : [],
        )
      : [],
  );
  if (found.length > 0) throw new BuildError(`A stage's check may reach no npm package: ${found.join(', ')}`);
}

/** A group whose members all have defaults may be left out of the config: it is then all defaults. */
function fillable(schema, place) {
  const properties = Object.entries(schema.properties ?? {}).map(([name, group]) => [
    name,
    group.type === 'object' && !('default' in group) && isValid(group, {}, place)
      ? { ...group, default: {} }
      : group,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

function isValid(schema, value, place) {
  try {
    return new Ajv({ strict: true, allowUnionTypes: true, useDefaults: true }).validate(schema, value);
  } catch (error) {
    throw new BuildError(`${place}: ${error.message}`);
  }
}

function add(ajv, id, schema, place) {
  try {
    ajv.addSchema(schema, id);
    ajv.getSchema(id);
  } catch (error) {
    throw new BuildError(`${place}: ${error.message}`);
  }
}

/** @returns {Promise<object>} */
export async function importPipelineSchema(root, scratch) {
  const result = await compile(root, { entryPoints: ['engine/definition/pipeline-schema.ts'] });
  const folder = await mkdtemp(join(scratch, 'schema-'));
  try {
    const file = join(folder, 'schema.mjs');
    await writeFile(file, result.outputFiles[0].contents);
    return (await import(pathToFileURL(file).href)).pipelineSchema;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Objects are closed unless they say otherwise: a key that nobody reads is a fault, never silence.
 * Members of `allOf` stay open, because each of them sees the keys of the others.
 */
function close(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(close);
  const closed = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'allOf' ? value : closeBelow(key, value)]),
  );
  return 'properties' in closed && !('additionalProperties' in closed)
    ? { ...closed, additionalProperties: false }
    : closed;
}

/** Keywords whose value is a map of schemas or plain data are not schemas themselves. */
function closeBelow(keyword, value) {
  if (['default', 'const', 'enum', 'examples', 'required'].includes(keyword)) return value;
  if (['properties', 'patternProperties', '$defs', 'definitions'].includes(keyword)) {
    return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, close(schema)]));
  }
  return close(value);
}
