import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteRuntimes, otherThan } from '../../../engine/attempt/checkpoint-runtimes.ts';
import { namesIn } from '../../../cache/entries.ts';
import { plan } from '../../../engine/index.ts';
import { fakeDist } from '../bundle.ts';
import { open, pipelineOf, runOnce, tempFolder, type RunOptions } from '../pipelines.ts';
import { runtimeOf, runtimeStage } from '../runtime-stage.ts';

/** Adds a file to its checkpoint and dies, until three lie there; dies before that where a file says so. */
const bundle = `
  import { existsSync, readdirSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  export async function run({ params, checkpoint, outs }) {
    if (existsSync(params.atOnce)) process.kill(process.pid, 'SIGKILL');
    const there = readdirSync(checkpoint).length;
    writeFileSync(join(checkpoint, String(there)), '');
    if (there < 2) process.kill(process.pid, 'SIGKILL');
    writeFileSync(outs.out, 'weights');
    return { ok: true, value: { status: 'done' } };
  }`;
const folder = mkdtempSync(join(tmpdir(), 'ers-runtimes-'));
let dist = '';
beforeAll(async () => {
  dist = await fakeDist(folder, { 'stages/train.mjs': bundle });
});
afterAll(() => rmSync(folder, { recursive: true }));

const program = runtimeStage(bundle);

const strict = true;

function withThreads(threads: number, strictRuntime = false): RunOptions {
  const tensorflow = runtimeOf({ version: '2.21.0', threads });
  return { dist, runtimes: { tensorflow }, strictRuntime };
}

/** A stage that ends in its third attempt, if each goes on from the one before. */
function training() {
  const root = tempFolder();
  const atOnce = join(root, 'at-once');
  const pipeline = () =>
    pipelineOf(root, { train: { program, params: { atOnce }, outs: { out: 'out.txt' } } });
  return {
    atOnce,
    attempts: join(root, '.ers', 'attempts'),
    run: async (options: RunOptions) => {
      const { story, events } = await runOnce(pipeline(), options);
      return [
        ...story,
        ...events.flatMap((event) =>
          event.type === 'notice'
            ? [event.text]
            : event.type === 'stage-started' && event.resumed
              ? ['resumed']
              : [],
        ),
      ];
    },
    promised: async (options: RunOptions) => {
      const planned = await plan(open(pipeline(), options), { targets: [], force: false, only: false });
      return planned.ok && planned.value.stages[0]?.checkpoint === true;
    },
  };
}

const began = (before: number, after: number) =>
  `train: its checkpoint was made with threads ${before}, here it would be threads ${after}: --strict-runtime does not go on from it, but begins anew`;

test('a strict run goes on from a checkpoint of its own exact runtime', async () => {
  const { run, promised } = training();
  expect(await run(withThreads(4))).toEqual(['train failed']);
  expect(await promised(withThreads(4, strict))).toBe(true);
  expect(await run(withThreads(4, strict))).toEqual(['train failed', 'resumed']);
  expect(await run(withThreads(4, strict))).toEqual(['train made', 'resumed']);
});

test('it begins anew, and says why, where another had a hand in the checkpoint, also long ago', async () => {
  const { attempts, run, promised } = training();
  await run(withThreads(4));
  expect(await promised(withThreads(2))).toBe(true);
  expect(await promised(withThreads(2, strict))).toBe(false);
  expect(await run(withThreads(2))).toEqual(['train failed', 'resumed']);
  // Parts of two runtimes: that of the newer one is the strict run's own.
  expect(await run(withThreads(2, strict))).toEqual(['train failed', began(4, 2)]);
  expect(namesIn(attempts)).toHaveLength(2);
  expect(await run(withThreads(2, strict))).toEqual(['train failed', 'resumed']);
  expect(await run(withThreads(2, strict))).toEqual(['train made', 'resumed']);
  expect(namesIn(attempts)).toEqual([]);
});

test('a checkpoint that a strict run did not take stays for one that is none', async () => {
  const { atOnce, run } = training();
  await run(withThreads(4));
  await run(withThreads(4));
  writeFileSync(atOnce, '');
  expect(await run(withThreads(2, strict))).toEqual(['train failed', began(4, 2)]);
  rmSync(atOnce);
  expect(await run(withThreads(2))).toEqual(['train made', 'resumed']);
});

test('what a strict run began beside a checkpoint is gone on from by the next strict run, and by no other', async () => {
  const { atOnce, attempts, run } = training();
  const inStrict = () => run(withThreads(2, strict));
  await run(withThreads(4));
  await run(withThreads(4));
  // Who tried the option, and stopped, goes on from the two steps that were there, not from the one made since.
  expect(await inStrict()).toEqual(['train failed', began(4, 2)]);
  writeFileSync(atOnce, '');
  expect(await run(withThreads(2))).toEqual(['train failed', 'resumed']);
  expect(await inStrict()).toEqual(['train failed', 'resumed']);
  expect(namesIn(attempts)).toHaveLength(2);
  rmSync(atOnce);
  expect(await run(withThreads(4))).toEqual(['train made', 'resumed']);
  expect(namesIn(attempts)).toEqual([]);
});

test('of a checkpoint that an older ers left nobody knows the runtime', () => {
  const own = { version: '2.21.0', threads: 2 };
  const at = { runtimes: join(tempFolder(), 'runtimes.json') };
  expect(otherThan(at, own)).toEqual([
    { fact: 'threads', before: '(none)', after: '2' },
    { fact: 'version', before: '(none)', after: '2.21.0' },
  ]);
  noteRuntimes(at, own);
  expect(otherThan(at, own)).toEqual([]);
});
