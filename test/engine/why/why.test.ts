import { realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import type { BuiltStage } from '../../../engine/built-stage.ts';
import { why } from '../../../engine/index.ts';
import { sayReason } from '../../../engine/reasons.ts';
import type { RuntimeProvider } from '../../../engine/runtime-provider.ts';
import { fakeDist } from '../bundle.ts';
import { names, open, pipelineOf, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

const sketch: Sketch = {
  cmd: 'ls {deps.tiles} > {outs.list}; echo {params.unit} >> {outs.list}',
  deps: { tiles: 'tiles' },
  params: { unit: 'files' },
  env: ['MODE'],
  outs: { list: 'list.txt' },
};

async function whyOf(root: string, changes: Partial<Sketch> = {}, env: NodeJS.ProcessEnv = {}) {
  const project = open(pipelineOf(root, { scan: { ...sketch, ...changes } }), { env });
  const [name] = names('scan');
  if (name === undefined) throw new Error('no name');
  const said = await why(project, name);
  if (!said.ok) throw new Error(JSON.stringify(said.faults));
  return { ...said.value, reasons: said.value.reasons.map(sayReason) };
}

async function made(): Promise<string> {
  const root = tempFolder();
  write(root, 'tiles/a.png', 'a');
  write(root, 'tiles/b.png', 'b');
  await runOnce(pipelineOf(root, { scan: sketch }));
  return root;
}

test('a stage that is not stale says what was compared and when it was made', async () => {
  const said = await whyOf(await made());
  expect(said).toMatchObject({ state: 'cached', reasons: [] });
  expect(said.compared).toEqual([
    expect.stringMatching(/^key [0-9a-f]{12}$/),
    'command: its template; a script in it counts only as an input',
    '1 param: unit',
    expect.stringMatching(/^input tiles: tiles, 2 files, content [0-9a-f]{12}$/),
    'environment MODE: (unset)',
    expect.stringMatching(/^last made \d{4}-.*Z in \d+\.\d s: 1 file$/),
  ]);
});

test('every change is named with old and new', async () => {
  const root = await made();
  write(root, 'tiles/c.png', 'c');
  rmSync(join(root, 'tiles/a.png'));
  const said = await whyOf(root, { params: { unit: 'tiles' } }, { MODE: 'fast' });
  expect(said.state).toBe('run');
  expect(said.reasons).toEqual([
    'unit files → tiles',
    'tiles: a.png removed, c.png added',
    'environment MODE (unset) → fast',
  ]);
});

test('a renamed file of an input folder is named as such', async () => {
  const root = await made();
  rmSync(join(root, 'tiles/a.png'));
  write(root, 'tiles/z.png', 'a');
  expect((await whyOf(root)).reasons).toEqual(['tiles: a.png renamed to z.png']);
});

test('a stage that was never made says so', async () => {
  const root = tempFolder();
  write(root, 'tiles/a.png', 'a');
  const said = await whyOf(root);
  expect(said.reasons).toEqual(['never made before']);
  expect(said.compared).toContain('there is no result yet');
});

test('a stage whose bytes were collected is explained as the plan of the default targets sees it', async () => {
  const root = tempFolder();
  const copy: Sketch = { cmd: 'cp {deps.in} {outs.out}', deps: { in: 'scan:list' }, outs: { out: 'o' } };
  write(root, 'tiles/a.png', 'a');
  const pipeline = pipelineOf(root, { scan: sketch, copy });
  await runOnce(pipeline);
  rmSync(dirname(realpathSync(join(root, 'artifacts/scan/list.txt'))), { recursive: true });
  const project = open(pipeline);
  const [scan, below] = names('scan', 'copy');
  if (scan === undefined || below === undefined) throw new Error('no name');
  expect(await why(project, scan)).toMatchObject({ ok: true, value: { state: 'recorded', reasons: [] } });
  expect(await why(project, below)).toMatchObject({ ok: true, value: { state: 'cached' } });
});

test('another version of the native runtime is named with the one before', async () => {
  const root = tempFolder();
  const [name] = names('train');
  if (name === undefined) throw new Error('no name');
  const bundle =
    "import { writeFileSync } from 'node:fs';\nexport async function run({ outs }) { writeFileSync(outs.model, 'm'); return { ok: true, value: { status: 'done' } }; }\n";
  const dist = await fakeDist(join(root, 'dist'), { 'stages/train.mjs': bundle });
  const definition: BuiltStage = {
    ...{ name: 'train', does: '', deps: {}, outs: { model: 'file' }, params: [], runtime: 'tensorflow' },
    ...{
      bundle: 'stages/train.mjs',
      workers: {},
      code: { bundles: { run: sha256(bundle) }, modules: {}, packages: {} },
    },
  };
  const pipeline = pipelineOf(root, {
    train: { program: { type: 'uses', definition }, outs: { model: 'model' } },
  });
  const runtime = (version: string): RuntimeProvider => ({
    name: 'tensorflow',
    version: () => version,
    fingerprint: () => null,
    ensure: () => Promise.resolve({ ok: true, value: { dir: root, env: {}, fingerprint: { version } } }),
  });
  const ran = await runOnce(pipeline, { dist, runtimes: { tensorflow: runtime('2.9') } });
  expect(ran.story).toEqual(['train made']);
  const said = await why(open(pipeline, { dist, runtimes: { tensorflow: runtime('2.10') } }), name);
  expect(said).toMatchObject({
    value: {
      state: 'run',
      reasons: [{ type: 'runtime', before: 'tensorflow 2.9', after: 'tensorflow 2.10' }],
    },
  });
});
