import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultCodes, type Result } from '../../base/fault.ts';
import { prepareRandom, randomAt } from '../../base/random.ts';
import { loadBuilt, type Built } from '../../engine/definition/built.ts';
import { asConfig, loadPipeline, resolvePipeline, toldFaults } from '../../engine/definition/load.ts';
import type { Located } from '../../engine/definition/located.ts';
import { readPipeline } from '../../engine/definition/raw-pipeline.ts';
import { parseBytes } from '../../engine/definition/read-yaml.ts';
import { showFault } from '../../engine/definition/show-fault.ts';
import { mutate } from '../engine/definition/mutate.ts';
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

/** What the definition says of two texts and a list of options, without a disk. */
function define(parsed: Result<Located>, config: Result<Located>, set: readonly string[], built: Built) {
  if (!parsed.ok) return { faults: toldFaults(parsed.faults, 'pipeline.yaml') };
  const raw = readPipeline(parsed.value, built.validatePipeline);
  const faults = [...raw.faults];
  const read = asConfig(config);
  if (!read.ok) faults.push(...read.faults);
  const resolved = resolvePipeline(raw, built, read, set, faults);
  return faults.length > 0 ? { faults: toldFaults(faults, 'pipeline.yaml') } : { resolved };
}

describe('10 000 damaged definitions end in a pipeline or in faults that can be read', () => {
  const shipped = ['config.yaml', ...configs].map((file) => readFileSync(join(project, file), 'utf8'));
  const pipeline = readFileSync(join(project, 'pipeline.yaml'), 'utf8');
  const options = [
    'optimizer.lr=3e-4',
    'train.max_epochs=2',
    'classes=[{ value: 0, name: a }]',
    'demo.seed=null',
  ];

  const parsed = new Map<string, Result<Located>>();
  /** Files that were not damaged are parsed once. */
  const parse = (text: string | Uint8Array, name: string): Result<Located> => {
    if (typeof text !== 'string') return parseBytes(text, name);
    const known = parsed.get(text) ?? parseBytes(Buffer.from(text), name);
    parsed.set(text, known);
    return known;
  };

  test.each([
    ['pipeline.yaml', 4000],
    ['a config', 4000],
    ['-S', 2000],
  ])('%s, %d times', async (what, times) => {
    await prepareRandom();
    const built = await loadBuilt(dist, build);
    let loaded = 0;
    for (let n = 0; n < times; n += 1) {
      const random = randomAt('damaged definition', what, n);
      const config = shipped[n % shipped.length] ?? '';
      const option = options[n % options.length] ?? '';
      const files = {
        'pipeline.yaml': what === 'pipeline.yaml' ? mutate(pipeline, random) : pipeline,
        'config.yaml': what === 'a config' ? mutate(config, random) : config,
      };
      const set = what === '-S' ? [Buffer.from(mutate(option, random)).toString()] : [];
      const { resolved, faults = [] } = define(
        parse(files['pipeline.yaml'], 'pipeline.yaml'),
        parse(files['config.yaml'], 'config.yaml'),
        set,
        built,
      );
      if (resolved !== undefined) {
        loaded += 1;
        expect(resolved.order).toHaveLength(resolved.stages.size);
        continue;
      }
      expect(faults.length).toBeGreaterThan(0);
      for (const fault of faults) {
        expect(faultCodes).toContain(fault.code);
        const shown = showFault(fault, (file) =>
          file in files ? Buffer.from(files[file as keyof typeof files]).toString() : undefined,
        );
        expect(shown, JSON.stringify(fault)).toMatch(/^[^\p{Cc}]*\S \[ERS_/u);
        expect(shown).not.toMatch(/Internal error|undefined|\[object|[^\P{Cc}\n\t]/u);
        expect(shown.length).toBeLessThan(2000);
      }
    }
    expect(loaded).toBeGreaterThan(times / 100);
    expect(loaded).toBeLessThan(times);
  });
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
