import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import { fakeDist } from '../bundle.ts';
import { pipelineOf, runOnce, tempFolder } from '../pipelines.ts';

/** Says that it has loaded all, or does not, and goes on when a file is there. */
const bundle = `
  import { existsSync, writeFileSync } from 'node:fs';
  import { setTimeout as pause } from 'node:timers/promises';
  export async function run({ params, outs, emit }) {
    if (params.says) emit({ type: 'loaded' });
    emit({ type: 'progress', label: 'cut', done: 1, total: 2, unit: 'tiles' });
    while (!existsSync(params.go)) await pause(5);
    writeFileSync(outs.out, 'tiles');
    return { ok: true, value: { status: 'done' } };
  }`;
const folder = mkdtempSync(join(tmpdir(), 'ers-loaded-'));
let dist = '';
beforeAll(async () => {
  dist = await fakeDist(folder, { 'stages/cut.mjs': bundle });
});
beforeEach(install);
afterAll(() => rmSync(folder, { recursive: true }));

/** As an installer does: another file, not other content. */
function install(): void {
  const file = join(folder, 'node_modules', 'near', 'package.json');
  rmSync(dirname(file), { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{"version":"1.0.0"}');
}

const program: Stage['program'] = {
  type: 'uses',
  definition: {
    ...{ name: 'cut', does: '', deps: {}, outs: {}, params: [], workers: {}, runtime: null },
    bundle: 'stages/cut.mjs',
    code: { bundles: { run: sha256(bundle) }, modules: {}, packages: { near: '1.0.0' } },
  },
};

/** Runs it and, once its first progress is heard, lets `meanwhile` happen. */
async function cut(says: boolean, meanwhile: () => void) {
  const root = tempFolder();
  const go = join(root, 'go');
  const params = { says, go };
  return runOnce(pipelineOf(root, { cut: { program, params, outs: { out: 'out.txt' } } }), {
    dist,
    onEvent: (event) => {
      if (event.type !== 'stage-event' || event.event.type !== 'progress') return;
      meanwhile();
      writeFileSync(go, '');
    },
  });
}

test('packages that are installed anew, or taken away, after a stage has loaded its code have no part in its result', async () => {
  expect((await cut(true, install)).story).toEqual(['cut made']);
  const gone = await cut(true, () => rmSync(join(folder, 'node_modules'), { recursive: true }));
  expect(gone.story).toEqual(['cut made']);
});

test('a stage that never says so fails where they were', async () => {
  const { outcomes } = await cut(false, install);
  expect(outcomes['cut']).toMatchObject({ type: 'failed', faults: [{ code: 'ERS_INPUT_CHANGED' }] });
});
