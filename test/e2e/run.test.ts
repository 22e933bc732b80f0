import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { decodeImage } from '../../imaging/decode.ts';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { checkout, filesBelow, Project, reasonsOf, tempFolder, type Ended, type Told } from './project.ts';

const stages = ['synthesize', 'scan', 'split', 'shards', 'train', 'evaluate', 'package'];

let made: Project;
let first: Ended;
beforeAll(async () => {
  await installedRuntime();
  made = Project.create();
  first = await made.ers(['run']);
}, installLimit);

/** The text of the first line `stage  word  text` of plain output. */
function said(out: string, stage: string, word: string): string | undefined {
  const lines = out.split('\n').map((line) => line.split(/ {2,}/));
  return lines.find((line) => line[0] === stage && line[1] === word)?.[2];
}

test('a run makes seven stages and leaves their results as plain files', async () => {
  expect(first.code, first.out + first.err).toBe(0);
  expect(readdirSync(made.path('artifacts')).sort()).toEqual(['.gitignore', ...stages].sort());
  const files = filesBelow(made.path('artifacts'));
  expect(files.filter((file) => !/\/(images|annotations|pictures)\//.test(file))).toEqual([
    '.gitignore',
    'evaluate/metrics.json',
    'evaluate/report.html',
    'package/model/model.json',
    'package/model/model.safetensors',
    'package/model/saved_model/saved_model.pb',
    'scan/catalog.json',
    'scan/report.html',
    'shards/test/dataset.json',
    'shards/test/shard-00000.tar',
    'shards/train/dataset.json',
    'shards/train/shard-00000.tar',
    'shards/val/dataset.json',
    'shards/val/shard-00000.tar',
    'split/split.json',
    'split/test.csv',
    'split/train.csv',
    'split/val.csv',
    'train/history.jsonl',
    'train/model/last.safetensors',
    'train/model/model.json',
    'train/model/model.safetensors',
  ]);
  for (const file of files) {
    const path = made.path('artifacts', file);
    expect(statSync(path).isFile()).toBe(true);
    if (file.endsWith('.json')) expect(() => JSON.parse(readFileSync(path, 'utf8')) as unknown).not.toThrow();
    if (file.endsWith('.html')) expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/i);
    if (file.includes('/pictures/')) expect((await decodeImage(path, file)).ok, file).toBe(true);
  }
  const pictures = files.filter((file) => file.startsWith('evaluate/pictures/'));
  expect(pictures.length).toBeGreaterThan(0);
  // Ten places with a mask and three months each.
  expect(files.filter((file) => file.startsWith('synthesize/dataset/'))).toHaveLength(40);
});

test('the scores are numbers between 0 and 1 beside that of the commonest class', () => {
  const metrics = JSON.parse(made.read('artifacts/evaluate/metrics.json')) as Record<string, unknown>;
  for (const name of ['test_iou', 'commonest_class_iou', 'mean_iou', 'mean_f1', 'pixel_accuracy']) {
    expect(metrics[name], name).toBeTypeOf('number');
    expect(metrics[name], name).toBeGreaterThanOrEqual(0);
    expect(metrics[name], name).toBeLessThanOrEqual(1);
  }
});

test('without a terminal it prints plain lines: each stage with word and reason, and nothing that redraws', () => {
  expect(first.out).not.toContain('\u001b');
  expect(first.out).not.toContain('\r');
  expect(first.err).toBe('');
  expect(first.out).toMatch(/^ers run: 7 stages: 1 to run, 6 that may follow\n/);
  for (const stage of stages) {
    expect(said(first.out, stage, 'run'), stage).toBe('never made before');
    expect(said(first.out, stage, 'made'), stage).toMatch(/^in \d/);
  }
  expect(said(first.out, 'train', 'epoch')).toMatch(
    /^1\/2: train loss [\d.]+, val loss [\d.]+, val IoU 0\.\d+ \(the best so far\)$/,
  );
  expect(said(first.out, 'evaluate', 'score')).toMatch(/^test_iou 0\.\d{4}$/);
  expect(said(first.out, 'ers', 'look at')).toBe('artifacts/evaluate/report.html');
  expect(first.out.trimEnd().split('\n').at(-1)).toMatch(/^ers +done +in .+: 7 stages, 7 made$/);
});

test('a second run re-runs nothing, says why, starts no other process and loads no npm package', async () => {
  const before = made.artifacts();
  const records = made.records();
  const coverage = tempFolder();
  // V8 writes down every script that a process loaded; each process writes a file of its own.
  const second = await made.ers(['run'], { NODE_V8_COVERAGE: coverage });
  expect(second.code).toBe(0);
  for (const stage of stages) {
    expect(said(second.out, stage, 'cached'), stage).toContain('same parameters, code and inputs');
  }
  expect(second.out).toMatch(/: 7 stages, 7 cached\n$/);
  const processes = readdirSync(coverage);
  expect(processes).toHaveLength(1);
  const loaded = loadedScripts(join(coverage, processes[0] ?? ''));
  expect(loaded.some((url) => url.endsWith('/cli.cjs'))).toBe(true);
  expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  expect(made.artifacts()).toEqual(before);
  expect(made.records()).toEqual(records);
});

function loadedScripts(file: string): readonly string[] {
  const { result } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly result: readonly { url: string }[];
  };
  return result.map(({ url }) => url);
}

test('run train --force makes the model anew with equal bytes, and evaluate says that it is cached because of that', async () => {
  const project = made.copy();
  const before = project.artifacts();
  const records = project.records();
  const forced = await project.ers(['run', 'train', '--force']);
  expect(forced.code, forced.out).toBe(0);
  expect(said(forced.out, 'train', 'run')).toBe('forced');
  expect(said(forced.out, 'train', 'made')).toMatch(/, the same bytes as before$/);
  expect(said(forced.out, 'evaluate', 'cached')).toMatch(/^train made the same bytes again/);
  for (const stage of ['synthesize', 'scan', 'split', 'shards']) {
    expect(said(forced.out, stage, 'cached'), stage).toBe('same parameters, code and inputs');
  }
  expect(project.artifacts()).toEqual(before);
  // The second result for the same key stands beside the first.
  expect(project.records()).toHaveLength(records.length + 1);
});

test('--json prints one event a line, from the plan to the end', async () => {
  const project = made.copy();
  const told: Told = await project.run('evaluate', '--force');
  const named = stages.filter((stage) => stage !== 'package');
  expect(told.code).toBe(0);
  expect(told.err).toBe('');
  expect(told.out.endsWith('\n')).toBe(true);
  expect(told.out.trimEnd().split('\n')).toHaveLength(told.events.length);
  const [opened] = told.events;
  const closed = told.events.at(-1);
  expect(opened?.type === 'run-started' && opened.stages.map(({ stage }) => stage)).toEqual(named);
  expect(closed).toMatchObject({ type: 'run-finished', exitCode: 0 });
  expect(told.story).toEqual(
    Object.fromEntries(named.map((stage) => [stage, stage === 'evaluate' ? 'made' : 'cached'])),
  );
  expect(reasonsOf(told)).toEqual({ evaluate: ['forced'] });
  const finished = told.events.findLast((event) => event.type === 'stage-finished');
  expect(finished).toMatchObject({ stage: 'evaluate', outcome: { type: 'made', same: true } });
});

test('--only makes the named stage and leaves those below as they are', async () => {
  const project = made.copy();
  const only = await project.run('split', '--only', '-S', 'split.seed=43');
  expect(only.story).toEqual({ synthesize: 'cached', scan: 'cached', split: 'made' });
  const after = await project.dry('-S', 'split.seed=43');
  expect(after).toMatchObject({ split: 'cached', train: expect.stringMatching(/^maybe|^run/) as unknown });
});

test('npx ers works from the project itself', async () => {
  const { stdout } = await promisify(execFile)('npx', ['ers', '--help'], { cwd: checkout });
  expect(stdout).toMatch(/^Usage: ers /);
});
