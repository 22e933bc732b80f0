import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { currentRecord } from '../../../engine/key/result.ts';
import type { StageName } from '../../../engine/definition/types.ts';
import { plan } from '../../../engine/index.ts';
import type { RuntimeProvider } from '../../../engine/runtime-provider.ts';
import { fakeDist } from '../bundle.ts';
import { open, pipelineOf, runOnce, tempFolder, type RunOptions } from '../pipelines.ts';
import { runtimeOf, runtimeStage } from '../runtime-stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ers-exact-'));
const bundle = `
  import { writeFileSync } from 'node:fs';
  export async function run({ outs }) { writeFileSync(outs.out, 'weights'); return { ok: true, value: { status: 'done' } }; }`;
let dist = '';
beforeAll(async () => {
  dist = await fakeDist(folder, { 'stages/train.mjs': bundle });
});
afterAll(() => rmSync(folder, { recursive: true }));

const program = runtimeStage(bundle);

function on(device: string, threads = 4): Pick<RunOptions, 'dist' | 'runtimes'> {
  const tensorflow = runtimeOf({ variant: device, threads });
  return { dist, runtimes: { tensorflow } };
}

function trained(root: string) {
  return pipelineOf(root, { train: { program, outs: { out: 'out.txt' } } });
}

const notices = (ran: Awaited<ReturnType<typeof runOnce>>): readonly string[] =>
  ran.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));

test('a result of another device is reused with one line that says so', async () => {
  const root = tempFolder();
  await runOnce(trained(root), on('gpu'));
  const same = await runOnce(trained(root), on('gpu'));
  expect(notices(same)).toEqual([]);
  const other = await runOnce(trained(root), on('cpu', 2));
  expect(other.story).toEqual(['train cached']);
  expect(notices(other)).toEqual([
    'train: this result was made with threads 4, variant gpu, here it would be threads 2, variant cpu; --strict-runtime makes it anew',
  ]);
});

test('with strictRuntime it is stale, the plan says why, and the new result counts from then on', async () => {
  const root = tempFolder();
  await runOnce(trained(root), on('gpu'));
  const strict = { ...on('cpu'), strictRuntime: true };
  const planned = await plan(open(trained(root), strict), { targets: [], force: false, only: false });
  expect(planned).toMatchObject({
    value: {
      stages: [{ state: 'run', reasons: [{ type: 'runtime', before: 'variant gpu', after: 'variant cpu' }] }],
    },
  });
  expect((await runOnce(trained(root), strict)).story).toEqual(['train made']);
  expect((await runOnce(trained(root), strict)).story).toEqual(['train cached']);
  expect(notices(await runOnce(trained(root), on('cpu')))).toEqual([]);
});

test('where nobody knows which runtime would be installed nothing is said and nothing is stale', async () => {
  const root = tempFolder();
  await runOnce(trained(root), on('gpu'));
  const { runtimes } = on('cpu');
  const unknown = { ...runtimes?.['tensorflow'], fingerprint: () => null } as RuntimeProvider;
  const ran = await runOnce(trained(root), { dist, runtimes: { tensorflow: unknown }, strictRuntime: true });
  expect([...ran.story, ...notices(ran)]).toEqual(['train cached']);
});

test('the record tells versions, machine, times and the peak of its memory', async () => {
  const root = tempFolder();
  const pipeline = trained(root);
  await runOnce(pipeline, on('gpu'));
  const { made = {} } = currentRecord(open(pipeline), 'train' as StageName) ?? {};
  expect(made).toMatchObject({
    ...{ ers: '0.0.0', node: process.version, cores: 1, stage: 'train' },
    runtime: { variant: 'gpu', threads: 4 },
  });
  for (const name of ['at', 'started', 'host', 'os', 'processor']) expect(made[name]).toBeTypeOf('string');
  for (const name of ['seconds', 'processors', 'memory']) expect(made[name]).toBeTypeOf('number');
  expect(made['peakMemory']).toBeGreaterThan(1e6);
});
