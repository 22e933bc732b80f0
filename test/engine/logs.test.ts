import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StageName } from '../../engine/definition/types.ts';
import { projectLeftovers } from '../../engine/project/housekeeping.ts';
import { checkDeterminism } from '../../engine/index.ts';
import { open, pipelineOf, read, runOnce, tempFolder } from './pipelines.ts';

const day = 24 * 3600 * 1000;

/** Writes the param into a log of its own, and fails if that is `bad`. */
const logging = (root: string, letter: string) =>
  pipelineOf(root, {
    draw: {
      cmd: 'mkdir -p "$ERS_LOGS"; echo {params.letter} >> "$ERS_LOGS/curve"; test {params.letter} != bad && echo {params.letter} > {outs.text}',
      params: { letter },
      outs: { text: 'text.txt' },
    },
  });

const logs = (root: string) =>
  readdirSync(join(root, '.ers/logs/draw')).map((key) => `.ers/logs/draw/${key}`);

test('logs of a stage lie outside of its outs in a folder a key, which is kept from attempt to attempt', async () => {
  const root = tempFolder();
  expect((await runOnce(logging(root, 'a'))).code).toBe(0);
  const [first = ''] = logs(root);
  expect(first).toMatch(/\/[0-9a-f]{12}$/);
  expect(readdirSync(join(root, 'artifacts/draw'))).toEqual(['text.txt']);
  expect((await runOnce(logging(root, 'a'), { force: true })).code).toBe(0);
  expect(read(root, `${first}/curve`)).toBe('a\na\n');
  expect((await runOnce(logging(root, 'b'))).code).toBe(0);
  expect(logs(root).length).toBe(2);
  expect(read(root, `${first}/curve`)).toBe('a\na\n');
});

test('a stage that logs nothing leaves no folder', async () => {
  const root = tempFolder();
  await runOnce(pipelineOf(root, { quiet: { cmd: 'echo > {outs.text}', outs: { text: 'text.txt' } } }));
  expect(existsSync(join(root, '.ers/logs'))).toBe(false);
});

test('a making that is only compared adds nothing to the logs of the result', async () => {
  const root = tempFolder();
  const project = open(logging(root, 'a'));
  const checked = await checkDeterminism(project, 'draw' as StageName, (work) =>
    work({ emit: () => undefined, signal: new AbortController().signal, jobs: 1, cores: 1 }),
  );
  expect(checked.exitCode).toBe(0);
  expect(checked.compared).toHaveProperty('difference', undefined);
  expect(logs(root).map((path) => read(root, `${path}/curve`))).toEqual(['a\n']);
});

test('gc removes logs for keys that have no result once nothing was written to them for 30 days', async () => {
  const root = tempFolder();
  await runOnce(logging(root, 'a'));
  const [kept] = logs(root);
  expect((await runOnce(logging(root, 'bad'))).code).toBe(1);
  const project = open(logging(root, 'a'));
  const found = (now: number) =>
    projectLeftovers(project, now).flatMap(({ path }) => (path.includes('/logs/') ? [path] : []));
  expect(found(Date.now() + 29 * day)).toEqual([]);
  const [abandoned = ''] = logs(root).filter((path) => path !== kept);
  expect(found(Date.now() + 31 * day)).toEqual([join(root, abandoned)]);
});
