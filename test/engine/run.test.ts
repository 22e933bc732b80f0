import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { names, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

/** words (upper case) → count (of letters): small, and each with a side that can change alone. */
function words(changes: Partial<Record<'upper' | 'count', Partial<Sketch>>> = {}): Record<string, Sketch> {
  return {
    upper: {
      cmd: 'tr a-z A-Z < {deps.text} > {outs.text}',
      deps: { text: 'words.txt' },
      outs: { text: 'upper.txt' },
      ...changes.upper,
    },
    count: {
      cmd: 'wc -c < {deps.text} > {outs.size}; echo {params.unit} >> {outs.size}',
      deps: { text: 'upper:text' },
      params: { unit: 'bytes' },
      outs: { size: 'size.txt' },
      ...changes.count,
    },
  };
}

test('a first run makes every stage and shows its outs as relative links', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil and water\n');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes).toMatchObject({ upper: { type: 'made', same: false }, count: { type: 'made' } });
  expect(ran.code).toBe(0);
  expect(read(root, 'artifacts/upper/upper.txt')).toBe('SOIL AND WATER\n');
  expect(read(root, 'artifacts/count/size.txt').trim().split(/\s+/)).toEqual(['15', 'bytes']);
  expect(lstatSync(join(root, 'artifacts/upper/upper.txt')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(root, 'artifacts/upper/upper.txt'))).toMatch(/^\.\.\/\.\.\/\.ers\/trees\//);
});

test('a second run makes nothing, and leaves no folder of a run or of an attempt', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.story).toEqual(['upper cached', 'count cached']);
  expect(readdirSync(join(root, '.ers/runs'))).toHaveLength(1);
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
});

test('a changed param re-runs only the stage that reads it, and the reason names old and new', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words({ count: { params: { unit: 'characters' } } })));
  expect(ran.story).toEqual(['upper cached', 'count made']);
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({
    stage: 'count',
    reasons: [{ type: 'param', key: 'unit', before: 'bytes', after: 'characters' }],
  });
});

test('a param put back restores the older result without running anything', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  await runOnce(pipelineOf(root, words({ count: { params: { unit: 'characters' } } })));
  expect(read(root, 'artifacts/count/size.txt')).toContain('characters');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes['count']).toMatchObject({ type: 'cached', restored: true, because: [] });
  expect(read(root, 'artifacts/count/size.txt')).toContain('bytes');
});

test('a stage above that makes the same bytes from another input leaves its dependents cached', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  write(root, 'words.txt', 'SOIL\n');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes).toMatchObject({
    upper: { type: 'made', same: true },
    count: { type: 'cached', because: ['upper'], restored: false },
  });
});

test('a forced stage runs anew; its dependents stay cached and say because of whom', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words()), { targets: names('upper'), force: true });
  expect(ran.outcomes).toMatchObject({
    upper: { type: 'made', same: true },
    count: { type: 'cached', because: ['upper'] },
  });
  const only = await runOnce(pipelineOf(root, words()), { targets: names('upper'), force: true, only: true });
  expect(only.story).toEqual(['upper made']);
});
