import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { StageRecord } from '../../cache/types.ts';
import { ers } from './project.ts';

const write = 'require("fs").writeFileSync(process.argv[1], process.argv[2])';

/** A stage that writes a text to a file of numbers and reads `n`. */
function stage(name: string, text: string, more = ''): string {
  return `  ${name}:
    cmd: [node, -e, '${write}', '{outs.scores}', '${text}', '{params.n}']
    params: [n]
    outs: { scores: scores.json }
${more}`;
}

function project(...stages: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'ers-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const define = (...all: readonly string[]) =>
    writeFileSync(join(folder, 'pipeline.yaml'), `config: config.yaml\nstages:\n${all.join('')}`);
  writeFileSync(join(folder, 'config.yaml'), 'n: 1\n');
  define(...stages);
  return {
    folder,
    define,
    ers: (...args: readonly string[]) => ers(folder, args),
    read: (file: string) => readFileSync(join(folder, file), 'utf8'),
  };
}

const listed = '    metrics: [scores]\n';
const numbers = '{"iou": 0.5, "in": {"a": 2}}';

it('metrics that are listed after a stage was made are told without making it again', () => {
  const { ers, define, read } = project(stage('rate', numbers));
  expect(ers('run').out).not.toContain('iou');
  expect(ers('run', '-S', 'n=2').code).toBe(0);
  define(stage('rate', numbers, listed));
  expect(ers('run').out).toMatch(/\nrate +cached .*; iou 0\.5000\nrate +score +iou 0\.5000\n/);
  expect(read('pipeline.lock')).toMatch(/^rate metric in\.a 2\nrate metric iou 0\.5$/m);
  expect(ers('show', 'rate').out).toMatch(/\nmetrics\n {2}iou +0\.5000\n {2}in\.a +2\n/);
  expect(JSON.parse(ers('show', 'rate', '--json').out)).toMatchObject({ metrics: { iou: 0.5, 'in.a': 2 } });
  expect(ers('exp', 'show').out).toMatch(/^ {2}experiment +iou .*\n★ current +0\.5000 .*\n★ n-2 +0\.5000 /);
  expect(ers('exp', 'show', 'n-2').out).toMatch(/\nmetrics\n {2}rate +iou +0\.5000\n +in\.a +2\n/);
  expect(ers('exp', 'diff', 'n-2').out).toMatch(/\niou +0\.5000 +0\.5000 +same\n/);
});

it('a list that is taken away again takes its numbers from what is told', () => {
  const { ers, define, read } = project(stage('rate', numbers, listed));
  expect(ers('run').out).toContain('iou 0.5000');
  define(stage('rate', numbers));
  expect(ers('run').out).not.toContain('iou');
  expect(read('pipeline.lock')).not.toContain('metric');
  expect(ers('show', 'rate').out).not.toContain('iou');
});

it('of two stages with one result each tells what its own list names', () => {
  const { ers, read } = project(stage('plain', numbers), stage('rated', numbers, listed));
  const { out } = ers('run');
  expect(out).toMatch(/\nrated +(made|cached) .*; iou 0\.5000\n/);
  expect(out).not.toMatch(/\nplain .*iou/);
  expect(read('pipeline.lock')).toContain('rated metric iou 0.5\n');
  expect(read('pipeline.lock')).not.toContain('plain metric');
  expect(ers('run', '-S', 'n=2').code).toBe(0);
  const { stages } = JSON.parse(ers('exp', 'show', 'n-2', '--json').out) as {
    stages: Record<string, { metrics: unknown }>;
  };
  expect([stages['plain']?.metrics, stages['rated']?.metrics]).toEqual([{}, { iou: 0.5, 'in.a': 2 }]);
});

it.each([
  ['no JSON object', '[1]', 'wrote no JSON object to scores.json, which is one of its metrics. ['],
  [
    'a number of Python that is no JSON',
    '{"said": "NaN \\" NaN", "loss": [1, -Infinity], "iou": NaN}',
    'one of its metrics: it holds -Infinity, which JSON has not.',
  ],
  [
    'a number beyond all',
    '{"iou": 1e999}',
    'a number to scores.json, one of its metrics, that is too large: `iou`',
  ],
])('an out with %s that is listed afterwards is a fault with its place', (_, text, message) => {
  const { ers, define } = project(stage('rate', text));
  expect(ers('run').code).toBe(0);
  expect(ers('run', '-S', 'n=2').code).toBe(0);
  define(stage('rate', text, listed));
  for (const command of [
    ['show', 'rate'],
    ['diff', 'rate@n-2'],
    ['exp', 'show'],
    ['exp', 'show', 'n-2'],
  ]) {
    const { code, err } = ers(...command);
    expect([command, code, err]).toEqual([command, 2, expect.stringContaining(message)]);
    expect(err).toMatch(/^pipeline\.yaml:3:3 .*\[ERS_OUT_KIND\]\n/);
  }
  const { code, out } = ers('run');
  expect([code, out]).toEqual([0, expect.stringMatching(/warning +pipeline\.yaml:3:3: rate wrote /)]);
  expect(ers('run', '--force').code).toBe(1);
});

it('only bytes that are the recorded ones are read, and numbers that cannot be read are said to be missing', () => {
  const { ers, define, folder } = project(stage('rate', numbers));
  expect(ers('run').code).toBe(0);
  const record = JSON.parse(ers('show', 'rate', '--json').out) as StageRecord;
  const stored = join(folder, '.ers/trees', record.outs['scores']?.tree ?? '', 'scores.json');
  expect(existsSync(stored)).toBe(true);
  rmSync(stored);
  writeFileSync(stored, '{"iou": 0.9, "in": {"a": 2}}');
  define(stage('rate', numbers, listed));
  const { code, out } = ers('show', 'rate');
  expect([code, out]).toEqual([
    0,
    expect.stringContaining('\nmetrics\n  (the bytes of scores are not there'),
  ]);
  expect(out).not.toContain('0.9');
  expect(JSON.parse(ers('show', 'rate', '--json').out)).toMatchObject({ metrics: {}, unread: ['scores'] });
});

it('metrics are taken from no other files than .json', () => {
  const { ers } = project(stage('rate', numbers, listed).replace('scores.json', 'scores.txt'));
  const { code, err } = ers('run');
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      "`scores.txt` cannot be one of rate's metrics: numbers are read from .json files.",
    ),
  ]);
});
