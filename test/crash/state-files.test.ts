import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Digest } from '../../base/digest.ts';
import { liveRuns } from '../../cache/live-runs.ts';
import { projectRoots } from '../../cache/projects.ts';
import { readManifest } from '../../cache/manifests.ts';
import type { Pipeline, StageName } from '../../engine/definition/types.ts';
import { readExperiment } from '../../engine/experiments/files.ts';
import { why } from '../../engine/index.ts';
import { readInputList } from '../../engine/key/input-lists.ts';
import { pin } from '../../engine/project/pins.ts';
import { tinyProject } from '../cli/project.ts';
import { open, pipelineOf, runOnce, write } from '../engine/pipelines.ts';
import { bytes, cleanBytes, crasher, world, type Crasher } from './world.ts';

const home = mkdtempSync(join(tmpdir(), 'ers-state-'));
let engine: Crasher;
beforeAll(async () => {
  engine = await crasher(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A file's bytes cut off at an offset, and with the byte there flipped, as a bad disk or a power cut may leave them. */
function* damages(whole: Buffer, most: number): Generator<readonly [string, Buffer]> {
  const step = Math.max(1, Math.ceil(whole.length / most));
  for (let at = 0; at < whole.length; at += step) {
    yield [`cut off at ${at}`, whole.subarray(0, at)];
    const flipped = Buffer.from(whole);
    flipped[at] = (whole[at] ?? 0) ^ (1 << (at % 8));
    yield [`with byte ${at} flipped`, flipped];
  }
}

function firstIn(pipeline: Pipeline, folder: string): string {
  const [name = ''] = readdirSync(join(pipeline.root, folder)).filter((each) => !each.startsWith('.'));
  const path = `${folder}/${name}`;
  return statSync(join(pipeline.root, path)).isDirectory() ? firstIn(pipeline, path) : path;
}

function put(pipeline: Pipeline, path: string, content: Buffer): void {
  const file = join(pipeline.root, path);
  chmodSync(file, 0o644);
  writeFileSync(file, content);
}

async function expectRight(pipeline: Pipeline, how: string): Promise<void> {
  const ran = await runOnce(pipeline);
  expect([how, ran.code], JSON.stringify(ran.events)).toEqual([how, 0]);
  expect(bytes(pipeline)).toEqual(cleanBytes);
}

/** A world whose run is done, with a pin. */
async function done(): Promise<Pipeline> {
  const pipeline = world(home);
  await runOnce(pipeline);
  const [key = ''] = readdirSync(join(pipeline.root, '.ers/records'));
  pin(open(pipeline), key as Digest, 'cut');
  return pipeline;
}

/** Dozens of runs each, five of these tests at a time: on a loaded machine one takes minutes. */

/** Whatever is wrong with the file, the next run is right; what it had to make again it makes good for good. */
describe('a state file of a finished run, cut off at any byte or with any byte flipped, harms nothing:', () => {
  test.concurrent.each<readonly [string, (pipeline: Pipeline) => string]>([
    ['the stats of inputs', () => '.ers/index'],
    [
      'the stats of trees',
      ({ root }) => `.ers/${readdirSync(join(root, '.ers')).find((name) => name.startsWith('index-')) ?? ''}`,
    ],
    ['a key in use', () => '.ers/current/cut.json'],
    ["the project's name in the store", (pipeline) => firstIn(pipeline, '.ers/roots')],
  ])('%s', async (_, fileOf) => {
    const pipeline = await done();
    const path = fileOf(pipeline);
    const whole = readFileSync(join(pipeline.root, path));
    // Those that are read at all are small; the indices have a test of their own for every byte (test/cache/stat-index).
    for (const [how, damaged] of damages(whole, path.startsWith('.ers/index') ? 20 : 90)) {
      put(pipeline, path, damaged);
      const explained = await why(open(pipeline), 'cut' as StageName);
      expect([how, explained.ok]).toEqual([how, true]);
      await expectRight(pipeline, how);
      expect(projectRoots(pipeline.store, pipeline.root).faults).toEqual([]);
    }
  });

  test.concurrent.each<readonly [string, string]>([
    ['a record', '.ers/records'],
    ['a manifest', '.ers/manifests'],
  ])('%s', async (_, folder) => {
    const pipeline = await done();
    const kept = join(home, `${folder.replaceAll('/', '-')}-kept`);
    cpSync(join(pipeline.root, folder), kept, { recursive: true });
    const path = firstIn(pipeline, folder);
    for (const [how, damaged] of damages(readFileSync(join(pipeline.root, path)), 6)) {
      put(pipeline, path, damaged);
      await expectRight(pipeline, how);
      rmSync(join(pipeline.root, folder), { recursive: true });
      cpSync(kept, join(pipeline.root, folder), { recursive: true });
    }
  });
});

test('the list of an input with any byte cut off or flipped is none', async () => {
  const pipeline = await done();
  const path = firstIn(pipeline, '.ers/inputs');
  const digest = path.slice(-64) as Digest;
  expect(readInputList(open(pipeline), digest)).toBeDefined();
  for (const [how, damaged] of damages(readFileSync(join(pipeline.root, path)), 1e9)) {
    put(pipeline, path, damaged);
    expect([how, readInputList(open(pipeline), digest)]).toEqual([how, undefined]);
  }
});

test('a manifest with any byte cut off or flipped is none', async () => {
  const pipeline = await done();
  const path = firstIn(pipeline, '.ers/manifests');
  const digest = path.slice(-64) as Digest;
  expect(readManifest(pipeline.store, digest)).toBeDefined();
  for (const [how, damaged] of damages(readFileSync(join(pipeline.root, path)), 1e9)) {
    put(pipeline, path, damaged);
    expect([how, readManifest(pipeline.store, digest)]).toEqual([how, undefined]);
  }
});

test('what a run does not read may hold anything: a pin, the time of last use, pipeline.lock', async () => {
  const pipeline = await done();
  await runOnce(pipeline);
  const lock = readFileSync(join(pipeline.root, 'pipeline.lock'), 'utf8');
  for (const path of [firstIn(pipeline, '.ers/pins'), firstIn(pipeline, '.ers/used'), 'pipeline.lock']) {
    put(pipeline, path, Buffer.of(0xff, 0));
    await expectRight(pipeline, path);
  }
  expect(readFileSync(join(pipeline.root, 'pipeline.lock'), 'utf8')).toBe(lock);
});

test('the file of an experiment with any byte cut off or flipped is refused, by name and with what to do', () => {
  const project = tinyProject();
  onTestFinished(() => {
    project.remove();
  });
  expect(project.ers('run', '-S', 'letter=b').code).toBe(0);
  const [file = ''] = readdirSync(join(project.folder, '.ers/experiments'));
  const name = file.slice(0, -'.json'.length);
  const pipeline = { ...pipelineOf(project.folder, {}), root: project.folder };
  const path = `.ers/experiments/${file}`;
  const whole = readFileSync(join(project.folder, path));
  expect(readExperiment(open(pipeline), name)).toMatchObject({
    ok: true,
    value: { stages: { count: { metrics: { letters: 3 } } } },
  });
  for (const [how, damaged] of damages(whole, 1e9)) {
    put(pipeline, path, damaged);
    expect([how, readExperiment(open(pipeline), name)]).toMatchObject([
      how,
      {
        ok: false,
        faults: [{ code: 'ERS_EXPERIMENT_DAMAGED', hint: `Forget it with: npx ers exp rm ${name}` }],
      },
    ]);
  }
  // A digit of a metric, which leaves it a number.
  put(pipeline, path, Buffer.from(whole.toString('utf8').replace('"letters": 3', '"letters": 9')));
  const { code, out, err } = project.ers('exp', 'show');
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('ERS_EXPERIMENT_DAMAGED');
  expect(projectRoots(join(project.folder, '.ers'), project.folder).faults).toHaveLength(1);
});

describe('a state file of a killed run, cut off at any byte or with any byte flipped, harms nothing:', () => {
  test.concurrent.each(['job.json', 'holder.json', 'stamps.json', 'group', 'live'])('%s', async (name) => {
    const pipeline = world(home);
    // The stage that leaves a checkpoint has ended, its result was not seen.
    expect(await engine.run(pipeline, 'child:ended#2')).toBe('SIGKILL');
    const kept = join(home, `${name}-kept`);
    cpSync(join(pipeline.root, '.ers'), kept, { recursive: true, verbatimSymlinks: true });
    const path = name === 'live' ? firstIn(pipeline, '.ers/live') : inAttempt(pipeline, name);
    for (const [how, damaged] of damages(readFileSync(join(pipeline.root, path)), 4)) {
      put(pipeline, path, damaged);
      await expectRight(pipeline, how);
      // A checkpoint of a key that nobody asks for stays.
      const left = readdirSync(join(pipeline.root, '.ers/attempts'));
      if (name !== 'job.json') expect([how, left]).toEqual([how, []]);
      rmSync(join(pipeline.root, '.ers'), { recursive: true });
      cpSync(kept, join(pipeline.root, '.ers'), { recursive: true, verbatimSymlinks: true });
    }
  });

  function inAttempt(pipeline: Pipeline, name: string): string {
    const [attempt = ''] = readdirSync(join(pipeline.root, '.ers/attempts'));
    return `.ers/attempts/${attempt}/${name}`;
  }
});

test('a file of a run that nobody can judge does not let gc guess: it names the file and what to do', async () => {
  const pipeline = await done();
  write(pipeline.root, '.ers/live/20260101T000000Z-abcdef', '{"host":"cut o');
  expect(liveRuns(pipeline.store)).toMatchObject([
    {
      storing: true,
      holder: expect.stringMatching(
        /damaged \(.*20260101T000000Z-abcdef; remove it if no ers is at work\)/,
      ) as string,
    },
  ]);
});
