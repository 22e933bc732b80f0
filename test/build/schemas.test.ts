import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv, type SchemaObject } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { project } from './tree.ts';

const committed = (name: string) => readFileSync(join(project, 'schema', name), 'utf8');

/** What an editor would find wrong. */
function faultsOf(schema: string, text: string): readonly string[] {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(committed(schema)) as SchemaObject);
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

test('the committed schemas are what the sources give: else run `node build/schemas.mjs`', async () => {
  const { editorSchemas } = (await import(pathToFileURL(join(project, 'build', 'schemas.mjs')).href)) as {
    readonly editorSchemas: (root: string) => Promise<ReadonlyMap<string, string>>;
  };
  const schemas = await editorSchemas(project);
  expect([...schemas.keys()].sort()).toEqual(readdirSync(join(project, 'schema')).sort());
  for (const [name, text] of schemas) expect(committed(name)).toBe(text);
});

test.each([
  'pipeline.yaml',
  'config.yaml',
  ...readdirSync(join(project, 'configs')).map((name) => `configs/${name}`),
])('%s names its schema and fits it', (file) => {
  const text = readFileSync(join(project, file), 'utf8');
  const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
  const schema = file === 'pipeline.yaml' ? 'pipeline.schema.json' : 'config.schema.json';
  expect(join(dirname(join(project, file)), path)).toBe(join(project, 'schema', schema));
  expect(faultsOf(schema, text)).toEqual([]);
});

describe('an editor finds what is wrong', () => {
  const stage = (words: string) => `stages: { s: { cmd: x, ${words} } }`;
  test.each([
    ['pipeline', 'config: 3\nstages: { s: { cmd: x } }', '/config must be string'],
    ['pipeline', 'stages: {}', '/stages must NOT have fewer than 1 properties'],
    ['pipeline', 'stage: { s: { cmd: x } }', " must have required property 'stages'"],
    ['pipeline', stage('retires: 1'), '/stages/s must NOT have additional properties'],
    ['pipeline', stage('retries: 11'), '/stages/s/retries must be <= 10'],
    ['pipeline', stage('frozen: maybe'), '/stages/s/frozen must be boolean'],
    ['pipeline', stage('keep: some'), '/stages/s/keep must be equal to one of the allowed values'],
    ['pipeline', stage('resources: { gpu: a }'), '/stages/s/resources/gpu must be integer'],
    ['pipeline', stage('matrix: { a.b: 1 }'), '/stages/s/matrix/a.b must be array'],
    [
      'pipeline',
      stage('env: [TMPDIR]'),
      '/stages/s/env/0 must match pattern "^(?!ERS_|TMPDIR$|CUDA_VISIBLE_DEVICES$)[A-Za-z_][A-Za-z0-9_]*$"',
    ],
    ['config', 'split: { seed: -1 }', '/split/seed must be >= 0'],
    ['config', 'split: { sed: 1 }', '/split must NOT have additional properties'],
    ['config', 'split: { rare: keep }', '/split/rare must match a schema in anyOf'],
    ['config', 'dataset: { rot: x }', '/dataset must NOT have additional properties'],
  ])('%s: %s', (file, text, expected) => {
    expect(faultsOf(`${file}.schema.json`, text)).toContain(expected);
  });
});
