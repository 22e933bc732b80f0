import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPipeline } from '../../engine/definition/load.ts';
import { showFault } from '../../engine/definition/show-fault.ts';
import { buildAll } from './run-build.ts';
import { project, Tree } from './tree.ts';

/** The project itself, built in a copy so that its own dist stays as it is. */
const tree = new Tree();
const dist = join(tree.root, 'dist');
let build = '';
beforeAll(async () => {
  tree.copy('cache', 'cli', 'engine', 'formats', 'imaging', 'nn', 'runtime', 'stages', 'ui');
  ({ build } = await buildAll(tree.root));
});
afterAll(() => tree.remove());

const configs = readdirSync(join(project, 'configs')).map((name) => `configs/${name}`);

test.each(['config.yaml', ...configs])('pipeline.yaml with %s has no fault', async (config) => {
  const result = await loadPipeline({
    file: join(project, 'pipeline.yaml'),
    config: join(project, config),
    set: [],
    dist,
  });
  const faults = result.ok
    ? []
    : result.faults.map((fault) => showFault(fault, (file) => readFileSync(file, 'utf8')));
  expect(faults).toEqual([]);
});

test("a config of one's own needs dataset, names and classes; all else has defaults", async () => {
  const own = (config: string) => {
    tree.write('own.yaml', config);
    const file = join(project, 'pipeline.yaml');
    return loadPipeline({ file, config: join(tree.root, 'own.yaml'), set: [], dist });
  };
  const dataset = 'dataset: { root: data/mine }';
  const names = 'names: { images: "{name}.png", masks: "{name}_mask.png" }';
  const classes =
    'classes: [{ value: 0, name: land, colour: "#000000" }, { value: 1, name: sea, colour: "#ffffff" }]';
  const whole = await own([dataset, names, classes].join('\n'));
  expect(whole.ok ? [] : whole.faults).toEqual([]);
  for (const parts of [
    [dataset, names],
    [dataset, classes],
    [names, classes],
  ]) {
    expect((await own(parts.join('\n'))).ok).toBe(false);
  }
});

test('no file of dist names a folder of this machine', () => {
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('js') && !path.endsWith('.json')) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    expect(
      [tree.root, project].filter((root) => text.includes(root.slice(1))),
      path,
    ).toEqual([]);
  }
});

describe('what a start of the program loads', () => {
  /** Modules that the file reaches by `require`, also those that wait behind an `import()`. */
  const required = (file: string): readonly string[] =>
    [...readFileSync(join(dist, build, file), 'utf8').matchAll(/(?<!['"])\brequire\d?\("([^"]+)"\)/g)].map(
      ([, name = '']) => name,
    );

  test('cli.cjs and its validators, which need no package', () => {
    for (const file of ['cli.cjs', 'validators.cjs']) {
      const found = required(file);
      expect(found.filter((name) => !isBuiltin(name))).toEqual([]);
    }
    expect(required('cli.cjs').length).toBeGreaterThan(0);
  });

  test('the screen is a file of its own, and the only one that the program imports', () => {
    const text = readFileSync(join(dist, build, 'cli.cjs'), 'utf8');
    expect([...text.matchAll(/ERS_IMPORT\(("[^"]*")\)/g)].map(([, name]) => name)).toEqual([
      '"./screen.mjs"',
    ]);
    expect(readFileSync(join(dist, build, 'screen.mjs'), 'utf8')).toMatch(/from "ink"/);
    expect(text).not.toMatch(/\bimport\(/);
  });

  test('is ASCII, as the launcher reads it', () => {
    for (const file of ['cli.cjs', 'validators.cjs']) {
      expect(readFileSync(join(dist, build, file)).every((byte) => byte < 0x80)).toBe(true);
    }
  });
});
