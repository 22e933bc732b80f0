import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crashPoints, type CrashPoint } from '../../base/crash-point.ts';
import { prepareRandom, randomAt } from '../../base/random.ts';
import { temporaryFor } from '../../cache/temporary.ts';
import type { Pipeline } from '../../engine/definition/types.ts';
import { open, runOnce, write } from '../engine/pipelines.ts';
import { bytes, cleanBytes, crasher, listing, world, type Crasher } from './world.ts';
import { tidy } from '../engine/tidy.ts';

const home = mkdtempSync(join(tmpdir(), 'ers-crash-'));
let engine: Crasher;
/** What a store and a project hold that nobody ever disturbed. */
let clean: readonly string[];
beforeAll(async () => {
  await prepareRandom();
  engine = await crasher(home);
  const pipeline = world(home);
  await runOnce(pipeline);
  await runOnce(pipeline);
  await tidy(open(pipeline), 30 * 24 * 3600e3);
  expect(bytes(pipeline)).toEqual(cleanBytes);
  clean = known(pipeline);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What comes before the run that is killed; `gc`: it is no run but a `gc` that is killed. */
type Before = 'nothing' | 'a killed stage' | 'a damaged tree' | 'a whole run' | 'gc';

const before: Readonly<Record<CrashPoint, Before>> = {
  'store:made': 'nothing',
  'roots:written': 'nothing',
  'roots:there': 'nothing',
  'live:written': 'nothing',
  'live:there': 'nothing',
  'live:relied': 'nothing',
  'sweep:ended': 'a killed stage',
  'park:begun': 'a killed stage',
  'remove:begun': 'nothing',
  'plan:drafted': 'nothing',
  'quarantine:moved': 'a damaged tree',
  'attempt:begun': 'nothing',
  'attempt:written': 'nothing',
  'attempt:there': 'nothing',
  'attempt:alone': 'nothing',
  'clock:made': 'nothing',
  'attempt:copied': 'nothing',
  'attempt:stamped': 'nothing',
  'checkpoint:taken': 'a killed stage',
  'log:made': 'nothing',
  'log:written': 'nothing',
  'child:started': 'nothing',
  'child:known': 'nothing',
  'child:ended': 'nothing',
  'child:alone': 'nothing',
  'result:seen': 'nothing',
  'inputs:checked': 'nothing',
  'live:storing': 'nothing',
  'adopt:begun': 'nothing',
  'adopt:moved': 'nothing',
  'adopt:staged': 'nothing',
  'adopt:synced': 'nothing',
  'adopt:hashed': 'nothing',
  'manifest:written': 'nothing',
  'adopt:manifest': 'nothing',
  'adopt:published': 'nothing',
  'adopt:ended': 'nothing',
  'commit:written': 'nothing',
  'commit:linked': 'nothing',
  'commit:ended': 'nothing',
  'attempt:published': 'nothing',
  'attempt:removed': 'nothing',
  'link:written': 'nothing',
  'link:there': 'nothing',
  'used:stamped': 'a whole run',
  'file:written': 'nothing',
  'file:there': 'nothing',
  'index:written': 'nothing',
  'index:there': 'nothing',
  'live:left': 'nothing',
  'run:ended': 'nothing',
  'trash:written': 'gc',
  'collecting:written': 'gc',
  'gc:begun': 'gc',
  'gc:moved': 'gc',
  'gc:asked': 'gc',
  'trash:doomed': 'gc',
  'leftovers:begun': 'gc',
};

/** Points that a run passes several times at unlike things, and how often: each passing is a test of its own. */
const often: Partial<Readonly<Record<CrashPoint, number>>> = {
  'child:started': 3,
  'adopt:published': 5,
  'link:written': 5,
  'file:written': 5,
  'file:there': 5,
  'index:written': 2,
};

async function prepare(pipeline: Pipeline, what: Before): Promise<void> {
  if (what === 'a killed stage') expect(await engine.run(pipeline, 'child:ended#2')).toBe('SIGKILL');
  if (what === 'a whole run' || what === 'a damaged tree') await runOnce(pipeline);
  if (what !== 'a damaged tree') return;
  const file = realpathSync(join(pipeline.root, 'artifacts/cut/tiles/2'));
  chmodSync(file, 0o644);
  writeFileSync(file, 'z\ny\n');
}

/** The plain next run is right, the one after it has nothing to do, and after `gc` all lies as in a clean store. */
async function expectWhole(pipeline: Pipeline): Promise<void> {
  const ran = await runOnce(pipeline);
  expect(ran.code, JSON.stringify(ran.events)).toBe(0);
  expect(bytes(pipeline)).toEqual(cleanBytes);
  expect((await runOnce(pipeline)).story).toEqual(['cut cached', 'fit cached', 'score cached']);
  await tidy(open(pipeline), 30 * 24 * 3600e3);
  expect(known(pipeline)).toEqual(clean);
}

/**
 * Without what may differ: logs of killed runs stay for 30 days, damaged trees for 7, and a stage that was made again
 * has a second record.
 */
function known(pipeline: Pipeline): readonly string[] {
  const mayDiffer = /^\.ers\/((runs|quarantine)\/.|records\/.*\/2\.json)/;
  return listing(pipeline.root).filter((path) => !mayDiffer.test(path));
}

const passings = crashPoints
  .filter((point) => before[point] !== 'gc')
  .flatMap((point) => Array.from({ length: often[point] ?? 1 }, (_, at) => ({ point, passing: at + 1 })));

describe('a run that is killed', () => {
  test.concurrent.each(passings)(
    'at $point (passing $passing) is made good by the next plain run',
    async ({ point, passing }) => {
      const pipeline = world(home);
      await prepare(pipeline, before[point]);
      expect(await engine.run(pipeline, `${point}#${passing}`)).toBe('SIGKILL');
      await expectWhole(pipeline);
    },
  );

  test('at any point passes each of them at most as often as is tested', async () => {
    for (const [point, times] of Object.entries(often)) {
      expect([point, await engine.run(world(home), `${point}#${times + 1}`)]).toEqual([point, 0]);
    }
  });
});

describe('a gc that is killed', () => {
  const points = crashPoints.filter((point) => before[point] === 'gc');

  /** One result in use, one that is not, and something that a dead writer left. */
  async function used(): Promise<Pipeline> {
    const pipeline = world(home);
    await runOnce(pipeline);
    write(pipeline.root, 'scene/y.txt', 'other\n');
    await runOnce(pipeline);
    write(pipeline.root, 'scene/y.txt', 'y\n');
    await runOnce(pipeline);
    const left = temporaryFor(join(pipeline.root, '.ers/current/cut.json'));
    writeFileSync(left.replace(`-${process.pid}-`, '-4999999-'), '');
    return pipeline;
  }

  test.concurrent.each(points)('at %s is made good by the next plain run and the next gc', async (point) => {
    const undisturbed = await used();
    await tidy(open(undisturbed), 0);
    const pipeline = await used();
    expect(await engine.run(pipeline, point, 'gc')).toBe('SIGKILL');
    expect((await runOnce(pipeline)).story).toEqual(['cut cached', 'fit cached', 'score cached']);
    expect(bytes(pipeline)).toEqual(cleanBytes);
    await tidy(open(pipeline), 0);
    expect(known(pipeline)).toEqual(known(undisturbed));
  });
});

test.concurrent.each([1, 2, 3, 4, 5, 6])(
  'killed twice in a row at points drawn by chance (%i), the next run makes all good',
  async (seed) => {
    const pipeline = world(home);
    for (const at of [0, 1]) {
      const drawn = passings[randomAt('crash', seed, at).integer(0, passings.length - 1)];
      if (drawn !== undefined) await engine.run(pipeline, `${drawn.point}#${drawn.passing}`);
    }
    await expectWhole(pipeline);
  },
);
