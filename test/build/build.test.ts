import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { BuiltStage } from '../../engine/built-stage.ts';
import { buildAll } from './run-build.ts';
import { project, Tree } from './tree.ts';

const definition = (name: string, extra = '') => `
import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
export const definition = defineStage({
  name: '${name}', does: 'a test', params: Type.Object({ ${name}: Type.Object({ seed: Type.Integer({ default: 1 }) }) }),
  deps: { data: 'required' }, outs: { made: 'folder' }, ${extra}
});`;

const files = {
  'cli/main.ts': `
import { lazy } from './table.ts';
export async function main(): Promise<string> { return (await lazy()).draw('x'); }`,
  'cli/table.ts': `export const lazy = () => import('../ui/draw.ts');`,
  'ui/ink/open-screen.tsx': `export const openScreen = 1;`,
  'cache/verify/reader-worker.ts': `export const reader = 1;`,
  'ui/draw.ts': `// a picture\nexport const draw = (text: string): string => text;`,
  'engine/attempt/child.ts': `export const child = 1;`,
  'imaging/flip.ts': `
/** Turns a row round. */
export function flip(row: Uint8Array): Uint8Array {
  return row.toReversed();
}
export type Row = Uint8Array;`,
  'stages/shards/definition.ts': definition('shards', `workers: ['augment-worker'],`),
  'stages/shards/run.ts': `
import pLimit from 'p-limit';
import type { Row } from '../../imaging/flip.ts';
import { sha256 } from '../../base/digest.ts';
export async function run(row: Row): Promise<string> {
  return pLimit(1)(() => sha256(row));
}`,
  'stages/shards/augment-worker.ts': `import { flip } from '../../imaging/flip.ts';\nflip(new Uint8Array(3));`,
  'stages/train/definition.ts': definition('train', `runtime: 'tensorflow',`),
  'stages/train/run.ts': `export const run = (): number => 3;`,
};

const trees: Tree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree.remove();
});

function makeTree(changes: Readonly<Record<string, string>> = {}): Tree {
  const tree = new Tree({ ...files, ...changes });
  trees.push(tree);
  return tree;
}

interface Built {
  readonly build: string;
  readonly warnings: readonly string[];
  readonly stages: readonly BuiltStage[];
  readonly digests: Readonly<Record<string, string>>;
}

async function build(tree: Tree): Promise<Built> {
  const { build, warnings } = await buildAll(tree.root);
  const stages = JSON.parse(
    readFileSync(join(tree.root, 'dist', build, 'stages.json'), 'utf8'),
  ) as BuiltStage[];
  const digests = Object.fromEntries(
    stages.flatMap(({ name, code }) =>
      Object.entries(code.bundles).map(([part, digest]) => [`${name}/${part}`, digest] as const),
    ),
  );
  return { build, warnings, stages, digests };
}

/** Which digests differ after `changes` were made to a built tree. */
async function changedBy(changes: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const tree = makeTree();
  const before = await build(tree);
  for (const [path, text] of Object.entries(changes)) tree.write(path, text);
  const after = await build(tree);
  return Object.keys(after.digests).filter((name) => before.digests[name] !== after.digests[name]);
}

describe('what a digest of a stage depends on', () => {
  test('a comment, layout, and types do not change it', async () => {
    const changed = await changedBy({
      'imaging/flip.ts': `
// Rows are turned here.
/*! a notice */
export type Row = Uint8Array | Uint8ClampedArray; export interface Unused { readonly a: Row }

export function flip(
  row: Uint8Array & { readonly length: number },
): Uint8Array { /* now */ return row
    .toReversed(); }`,
      'stages/train/run.ts': `// three\n\n\nexport const run = (): 3 => 3;\n`,
    });
    expect(changed).toEqual([]);
  });

  test('code in imaging/ that a worker of shards reaches changes this worker only', async () => {
    const code = files['imaging/flip.ts'].replace('row.toReversed()', 'row.toReversed().fill(0)');
    expect(await changedBy({ 'imaging/flip.ts': code })).toEqual(['shards/augment-worker']);
  });

  test('code of the program changes no stage', async () => {
    const changed = await changedBy({
      'ui/draw.ts': `export const draw = (text: string): string => text + '!';`,
    });
    expect(changed).toEqual([]);
  });

  test('equal sources in another folder give equal digests and an equal build, and no path of the machine', async () => {
    const [first, second] = [makeTree(), makeTree()];
    const [a, b] = [await build(first), await build(second)];
    expect(a.digests).toEqual(b.digests);
    expect(a.build).toBe(b.build);
    for (const tree of [first, second]) {
      const dist = join(tree.root, 'dist');
      for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
        if (!statSync(join(dist, path)).isFile()) continue;
        const text = readFileSync(join(dist, path), 'utf8');
        const paths = [first.root, second.root, project].filter((root) => text.includes(root.slice(1)));
        expect(paths, path).toEqual([]);
      }
    }
  });
});

describe('what the build writes', () => {
  test('each stage with its bundles, workers, modules and packages', async () => {
    const tree = makeTree();
    const { stages, digests } = await build(tree);
    const [shards, train] = stages;
    expect(shards).toMatchObject({
      name: 'shards',
      deps: { data: 'required' },
      outs: { made: 'folder' },
      params: ['shards'],
      runtime: null,
      bundle: `stages/shards.${digests['shards/run'] ?? ''}.mjs`,
      workers: {
        'augment-worker': `stages/shards-augment-worker.${digests['shards/augment-worker'] ?? ''}.mjs`,
      },
    });
    expect(Object.keys(shards?.code.modules ?? {})).toEqual([
      'base/digest.ts',
      'imaging/flip.ts',
      'stages/shards/augment-worker.ts',
      'stages/shards/run.ts',
    ]);
    expect(shards?.code.packages).toEqual({ 'p-limit': '7.3.3' });
    expect(train?.runtime).toBe('tensorflow');
    expect(existsSync(join(tree.root, 'dist', shards?.bundle ?? ''))).toBe(true);
  });

  test('a comment does not change the digest of a module, code does', async () => {
    const tree = makeTree();
    const modules = async () => (await build(tree)).stages[0]?.code.modules['imaging/flip.ts'];
    const before = await modules();
    tree.write('imaging/flip.ts', files['imaging/flip.ts'].replace('Turns', 'Mirrors'));
    expect(await modules()).toBe(before);
    tree.write('imaging/flip.ts', files['imaging/flip.ts'].replace('row.toReversed()', 'row'));
    expect(await modules()).not.toBe(before);
  });

  test('the program as one script, in which what may never be needed waits', async () => {
    const tree = makeTree();
    const { build: name } = await build(tree);
    const folder = join(tree.root, 'dist', name);
    const script = readFileSync(join(folder, 'cli.cjs'), 'utf8');
    const { main } = (await import(join(folder, 'cli.cjs'))) as { readonly main: () => Promise<string> };
    expect(await main()).toBe('x');
    expect(script).toMatch(/__esm\(\{\s*"ui\/draw\.ts"/);
  });

  test('validators that need no package, with closed objects and defaults', async () => {
    const tree = makeTree();
    const { build: name } = await build(tree);
    // Alone in a folder without node_modules: an import of a package would fail.
    const alone = join(mkdtempSync(join(tmpdir(), 'ers-alone-')), 'validators.cjs');
    cpSync(join(tree.root, 'dist', name, 'validators.cjs'), alone);
    const { stages } = (await import(alone)) as {
      readonly stages: Readonly<Record<string, (data: unknown) => boolean>>;
    };
    rmSync(dirname(alone), { recursive: true });
    const data = { train: {} };
    expect(stages['train']?.(data)).toBe(true);
    expect(data).toEqual({ train: { seed: 1 } });
    expect(stages['train']?.({ train: { sede: 1 } })).toBe(false);
  });

  test('a stage folder without run.ts is left out with a warning', async () => {
    const tree = makeTree({ 'stages/later/definition.ts': definition('later') });
    const { stages, warnings } = await build(tree);
    expect(stages.map(({ name }) => name)).toEqual(['shards', 'train']);
    expect(warnings).toEqual(['warning: stages/later has no run.ts: left out']);
  });

  test('older bundles of stages stay, and a damaged one is made whole', async () => {
    const tree = makeTree();
    const before = await build(tree);
    tree.write('stages/train/run.ts', `export const run = (): number => 4;`);
    const after = await build(tree);
    const old = join(tree.root, 'dist', before.stages[1]?.bundle ?? '');
    expect(existsSync(old)).toBe(true);
    const current = join(tree.root, 'dist', after.stages[1]?.bundle ?? '');
    const whole = readFileSync(current, 'utf8');
    writeFileSync(current, 'half');
    await build(tree);
    expect(readFileSync(current, 'utf8')).toBe(whole);
  });

  test('two builds at once give one whole dist', async () => {
    const tree = makeTree();
    const built = await Promise.all([build(tree), build(tree), build(tree)]);
    expect(new Set(built.map(({ build: name }) => name)).size).toBe(1);
    const left = readdirSync(join(tree.root, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((path) => path.includes('.tmp') || path.includes('building-'))).toEqual([]);
  });
});

describe('sources that cannot be built', () => {
  test.each([
    ['stages/train/run.ts', 'export const run = 3 +;\n', /^stages\/train\/run\.ts:1:23 Unexpected ";"/],
    ['ui/draw.ts', `import './gone.ts';\n`, /^ui\/draw\.ts:1:8 Could not resolve ".\/gone\.ts"/],
    [
      'stages/train/definition.ts',
      definition('trian'),
      /^stages\/train\/definition\.ts names its stage "trian"/,
    ],
    [
      'stages/train/definition.ts',
      definition('train', `workers: ['gone-worker'],`),
      /declares the worker "gone-worker", but stages\/train\/gone-worker\.ts is missing/,
    ],
    [
      'stages/train/definition.ts',
      definition('train', 'check: () => [],'),
      /^stages\/train\/definition\.ts: `check` must be the export of that name of stages\/train\/check\.ts/,
    ],
    [
      'stages/train/definition.ts',
      `import { check } from './check.ts';\n${definition('train', 'check,')}`,
      /^A stage's check may reach no npm package: stages\/train\/check\.ts reaches p-limit/,
    ],
  ])('%s: the message names the place and dist stays as it was', async (path, text, message) => {
    const tree = makeTree();
    await build(tree);
    if (text.includes('./check.ts')) {
      const check = `import pLimit from 'p-limit';\nexport const check = () => (pLimit(1), []);`;
      tree.write('stages/train/check.ts', check);
    }
    const dist = join(tree.root, 'dist');
    const before = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    const current = readFileSync(join(dist, 'current.json'), 'utf8');
    tree.write(path, text);
    await expect(buildAll(tree.root)).rejects.toThrow(message);
    expect(readdirSync(dist, { recursive: true, encoding: 'utf8' })).toEqual(before);
    expect(readFileSync(join(dist, 'current.json'), 'utf8')).toBe(current);
  });
});

test('what a build that was killed left behind does not stand in the way of the next', async () => {
  const tree = makeTree();
  const { build: name } = await build(tree);
  const dist = join(tree.root, 'dist');
  rmSync(join(dist, name, 'cli.cjs'));
  mkdirSync(join(dist, `${name}.dead.tmp`));
  await build(tree);
  expect(existsSync(join(dist, name, 'cli.cjs'))).toBe(true);
});
