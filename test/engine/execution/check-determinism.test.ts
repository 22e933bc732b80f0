import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../../engine/events.ts';
import { checkDeterminism } from '../../../engine/index.ts';
import type { Pipeline, StageName } from '../../../engine/definition/types.ts';
import { open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** `draw` writes the script's answer to how often it was run; `copy` reads it. */
function drawing(
  root: string,
  script: string,
  outs: Record<string, string> = { text: 'text.txt' },
): Pipeline {
  const counter = join(root, 'times');
  const count = `echo x >> '${counter}'; n=$(wc -l < '${counter}');`;
  const sketches: Record<string, Sketch> = {
    source: { cmd: 'cp {deps.word} {outs.word}', deps: { word: 'word.txt' }, outs: { word: 'word.txt' } },
    draw: { cmd: `${count} cat {deps.word} > /dev/null; ${script}`, deps: { word: 'source:word' }, outs },
  };
  write(root, 'word.txt', 'word');
  return pipelineOf(root, sketches);
}

async function check(pipeline: Pipeline, stage = 'draw') {
  const events: EngineEvent[] = [];
  const result = await checkDeterminism(open(pipeline), stage as StageName, (work) =>
    work({
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
      jobs: 2,
      cores: 1,
    }),
  );
  const faults = events.flatMap((event) =>
    event.type === 'stage-finished' && event.outcome.type === 'failed' ? event.outcome.faults : [],
  );
  const made = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));
  return { ...result, faults, made };
}

test('a stage that makes the same bytes is made twice, said to be equal, and leaves one record', async () => {
  const root = tempFolder();
  const checked = await check(drawing(root, 'printf same > {outs.text}'));
  expect(checked).toMatchObject({ exitCode: 0, faults: [], made: ['source', 'draw', 'draw'] });
  expect(checked.compared).toMatchObject({ difference: undefined, outs: { text: { bytes: 4 } } });
  for (const key of readdirSync(join(root, '.ers/records'))) {
    expect(readdirSync(join(root, '.ers/records', key))).toEqual(['1.json']);
  }
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
});

test('of one that does not, the first output, file and byte that differ are named, and the first result stays', async () => {
  const root = tempFolder();
  const script =
    'mkdir {outs.d}/b; printf one > {outs.d}/a; printf "same $n" > {outs.d}/b/c; printf "$n" > {outs.z}';
  const pipeline = drawing(root, script, { d: 'd/', z: 'z.txt' });
  const { exitCode, faults, compared } = await check(pipeline);
  expect(exitCode).toBe(1);
  expect(faults).toMatchObject([{ code: 'ERS_NOT_DETERMINISTIC', place: { file: 'pipeline.yaml' } }]);
  expect(faults[0]?.message).toBe(
    'draw is not deterministic: b/c in output d differs at byte 5, counted from 0: 0x31 the first time, 0x32 the second.',
  );
  expect(compared?.difference).toEqual({
    out: 'd',
    file: 'b/c',
    in: 'both',
    at: { offset: 5, first: 0x31, second: 0x32 },
  });
  expect(read(root, 'artifacts/draw/d/b/c')).toBe('same 1');
  const again = await runOnce(pipeline);
  expect(again.story).toEqual(['source cached', 'draw cached']);
});

test.each([
  [
    'a file that only one of the two made',
    'touch {outs.d}/f$n',
    'f1 in output d was made the first time only.',
  ],
  [
    'a file that ends earlier',
    'seq $((3 - n)) > {outs.d}/f',
    'f in output d differs at byte 2, counted from 0: 0x32 the first time, its end the second.',
  ],
])('%s is named', async (_, script, said) => {
  const { faults } = await check(drawing(tempFolder(), script, { d: 'd/' }));
  expect(faults[0]?.message).toBe(`draw is not deterministic: ${said}`);
});

test('a difference beyond the first part of a large file is found at its very byte', async () => {
  const { compared } = await check(
    drawing(tempFolder(), 'head -c 3000000 /dev/zero > {outs.text}; printf "$n" >> {outs.text}'),
  );
  expect(compared?.difference?.at).toEqual({ offset: 3_000_000, first: 0x31, second: 0x32 });
});

test('a result that is there is compared with one more making; a stage that fails then is a failed stage', async () => {
  const root = tempFolder();
  const pipeline = drawing(root, 'test $n = 1 && printf once > {outs.text}');
  expect((await runOnce(pipeline)).code).toBe(0);
  const { exitCode, made, faults, compared } = await check(pipeline);
  expect({ exitCode, made, compared }).toEqual({ exitCode: 1, made: ['draw'], compared: undefined });
  expect(faults).toMatchObject([{ code: 'ERS_STAGE_FAILED' }]);
  expect(read(root, 'artifacts/draw/text.txt')).toBe('once');
});

test('neither pipeline.lock nor what is current is touched by the second making', async () => {
  const root = tempFolder();
  const pipeline = drawing(root, 'printf "$n" > {outs.text}');
  await runOnce(pipeline);
  const before = [read(root, 'pipeline.lock'), read(root, '.ers/current/draw.json')];
  expect((await check(pipeline)).exitCode).toBe(1);
  expect([read(root, 'pipeline.lock'), read(root, '.ers/current/draw.json')]).toEqual(before);
  expect(existsSync(join(root, '.ers/experiments'))).toBe(false);
});

test('a stage above that always runs and brings other bytes runs once: both makings read the same', async () => {
  const root = tempFolder();
  const counter = join(tempFolder(), 'times');
  const sketches: Record<string, Sketch> = {
    clock: {
      cmd: `echo x >> '${counter}'; wc -l < '${counter}' > {outs.time}`,
      always: true,
      outs: { time: 'time.txt' },
    },
    draw: { cmd: 'cat {deps.time} > {outs.text}', deps: { time: 'clock:time' }, outs: { text: 'text.txt' } },
  };
  await runOnce(pipelineOf(root, sketches));
  const checked = await check(pipelineOf(root, sketches));
  expect(checked).toMatchObject({ exitCode: 0, faults: [], made: ['clock', 'draw', 'draw'] });
  expect(checked.compared?.difference).toBeUndefined();
});
