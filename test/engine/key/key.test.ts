import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../../../base/canonical.ts';
import { sha256 } from '../../../base/digest.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import { keyInputs, keyOf, readKeyInputs } from '../../../engine/key/key.ts';
import { pipelineOf, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

const dep = { kind: 'file', digest: sha256('x') } as const;

function keyFor(sketch: Partial<Sketch>, sources: Partial<Parameters<typeof keyInputs>[1]> = {}): string {
  const pipeline = pipelineOf('/project', {
    stage: { cmd: 'a {deps.in}', outs: { out: 'out.txt' }, ...sketch },
  });
  const [stage] = pipeline.stages.values();
  if (stage === undefined) throw new Error('no stage');
  return keyOf(keyInputs(stage, { deps: { in: dep }, env: {}, runtime: null, ...sources }));
}

test.each<[string, () => string]>([
  ['a param', () => keyFor({ params: { seed: 1 } })],
  ['the content of an input', () => keyFor({}, { deps: { in: { ...dep, digest: sha256('y') } } })],
  ['the kind of an input', () => keyFor({}, { deps: { in: { ...dep, kind: 'folder' } } })],
  ['the name of an input', () => keyFor({}, { deps: { other: dep } })],
  ['the command', () => keyFor({ cmd: 'b {deps.in}' })],
  ['an argument vector with the same text', () => keyFor({ cmd: ['a', '{deps.in}'] })],
  ["an out's path", () => keyFor({ outs: { out: 'out.json' } })],
  ["an out's kind", () => keyFor({ outs: { out: 'out.txt/' } })],
  ['a declared environment value', () => keyFor({ env: ['MODE'] }, { env: { MODE: 'fast' } })],
  ['the runtime', () => keyFor({}, { runtime: 'tensorflow 2.9' })],
])('%s is part of the key', (_, changed) => {
  expect(changed()).not.toBe(keyFor({}));
});

test('an environment value that is unset differs from an empty one', () => {
  const empty = keyFor({ env: ['MODE'] }, { env: { MODE: '' } });
  expect(keyFor({ env: ['MODE'] })).not.toBe(empty);
});

test.each<[string, () => string]>([
  ['resources', () => keyFor({ resources: { gpu: 1 } })],
  ['metrics', () => keyFor({ metrics: ['out'] })],
  ['where an input lies', () => keyFor({ deps: { in: 'elsewhere.txt' } })],
  ['an undeclared environment value', () => keyFor({}, { env: { MODE: 'fast' } })],
])('%s: no part of the key', (_, same) => {
  expect(same()).toBe(keyFor({}));
});

test('of a built-in stage the key holds bundles, packages and the major version of Node', () => {
  const definition = {
    name: 'scan',
    does: '',
    deps: {},
    outs: {},
    params: [],
    runtime: null,
    bundle: 'stages/scan.mjs',
    workers: {},
    code: {
      bundles: { run: sha256('b') },
      modules: { 'stages/scan/run.ts': sha256('m') },
      packages: { sharp: '1' },
    },
  };
  const [stage] = pipelineOf('/project', {
    s: { program: { type: 'uses', definition }, outs: {} },
  }).stages.values();
  const inputs = keyInputs(stage as Stage, { deps: {}, env: {}, runtime: null });
  expect(inputs.code).toEqual({
    type: 'uses',
    bundles: { run: sha256('b') },
    packages: { sharp: '1' },
    node: process.versions.node.split('.')[0],
  });
});

test('the text of a key can be read back, that of an unknown version cannot', () => {
  const [stage] = pipelineOf('/project', { s: { cmd: 'true', outs: { o: 'o' } } }).stages.values();
  const inputs = keyInputs(stage as Stage, { deps: {}, env: {}, runtime: null });
  expect(readKeyInputs(JSON.parse(JSON.stringify(inputs)) as Json)).toEqual(inputs);
  expect(readKeyInputs({ ...inputs, version: 2 })).toBeUndefined();
  expect(readKeyInputs('text')).toBeUndefined();
});

test('a project that moved, with a renamed stage and a renamed input, re-runs nothing', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'old'));
  write(folder, 'old/data/words.txt', 'soil\n');
  const sketch = (path: string): Sketch => ({
    cmd: ['cp', '{deps.text}', '{outs.copy}'],
    deps: { text: path },
    outs: { copy: 'copy.txt' },
  });
  const first = await runOnce(pipelineOf(join(folder, 'old'), { copy: sketch('data/words.txt') }));
  expect(first.story).toEqual(['copy made']);
  cpSync(join(folder, 'old'), join(folder, 'new'), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  });
  renameSync(join(folder, 'new/data'), join(folder, 'new/text'));
  const moved = await runOnce(pipelineOf(join(folder, 'new'), { duplicate: sketch('text/words.txt') }));
  expect(moved.story).toEqual(['duplicate cached']);
});
