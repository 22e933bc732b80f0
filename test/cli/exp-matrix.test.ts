import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ers, type Outcome } from './project.ts';

const train = `const [, file, rate, seed] = process.argv;
if (rate === "0.1" && seed === "2") process.exit(3);
require("fs").writeFileSync(file, JSON.stringify({ test_iou: rate * 10 + seed / 100, loss: 1 - rate }))`;

/** A stage for each of two seeds, which reads a learning rate and fails for the second seed where that is 0.1. */
function matrixProject(): { (...args: readonly string[]): Outcome; config: (text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ers-members-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cmd = ['node', '-e', train, '{outs.scores}', '{params.fit.lr}', '{params.seed}'];
  writeFileSync(join(folder, 'config.yaml'), 'seed: 7\nfit: { lr: 0.01, kind: sgd }\n');
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `config: config.yaml
stages:
  train:
    cmd: ${JSON.stringify(cmd)}
    params: [fit, seed]
    outs: { scores: scores.json }
    metrics: [scores]
    matrix: { seed: [1, 2] }
`,
  );
  const config = (text: string) => writeFileSync(join(folder, 'config.yaml'), text);
  return Object.assign((...args: readonly string[]) => ers(folder, args), { config });
}

it('the numbers of the members of a matrix are told each by its name, and ranked by their mean', () => {
  const ers = matrixProject();
  expect(ers('run').out).toMatch(
    /\ntrain@seed-1 +score +test_iou 0\.1100, loss 0\.9900\ntrain@seed-2 +score +test_iou 0\.1200, loss 0\.9900\n/,
  );
  expect(ers('run', '-S', 'fit.lr=0.001,0.03,0.1').code).toBe(1);
  const lines = ers('exp', 'show').out.trimEnd().split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines.map((line) => line.trimEnd())).toEqual([
    '  experiment  state   mean test_iou               lr  mean loss  seed-1 test_iou',
    '★ lr-0.03     done           0.3150  ████████   0.03     0.9700           0.3100',
    '  current     –              0.1150  ███░░░░░   0.01     0.9900           0.1100',
    '  lr-0.001    done           0.0250  █░░░░░░░  0.001     0.9990           0.0200',
    // One member alone is no mean, however good it is.
    '  lr-0.1      failed              –              0.1          –           1.0100',
    'Best first by the mean of test_iou over the 2 members of train (the highest is',
    '  the best; --sort and --best say otherwise).',
    'No room for seed-2 test_iou, seed-1 loss, seed-2 loss: see --json or --csv.',
  ]);
  const told = JSON.parse(ers('exp', 'show', '--json').out) as { experiments: unknown[] };
  expect(told).toMatchObject({ metric: 'train@*:test_iou', best: 'highest', params: ['fit.lr'] });
  expect(told.experiments[0]).toMatchObject({
    params: { 'fit.lr': 0.03, 'fit.kind': 'sgd', 'train@seed-1:seed': 1, 'train@seed-2:seed': 2 },
    metrics: { 'train@seed-1:test_iou': 0.31, 'train@seed-2:test_iou': 0.32 },
  });
  // A member that failed has its own seed too: the experiment has none.
  expect(told.experiments[3]).toMatchObject({ params: { 'train@seed-1:seed': 1 } });
  expect(ers('exp', 'show', '--sort', 'loss').out).toContain('\n★ lr-0.03 ');
  expect(ers('exp', 'show', '--sort', 'train@seed-1:test_iou').out).toMatch(/\n★ lr-0\.1 .*1\.0100 /);
  const unclear = ers('exp', 'show', '--sort', 'test_iu');
  expect([unclear.code, unclear.err]).toEqual([2, expect.stringContaining('has a metric `test_iu`')]);
});

it('there is no mean over members that were made with different configs', () => {
  const ers = matrixProject();
  expect(ers('run').code).toBe(0);
  expect(ers('run', '-S', 'fit.lr=0.001').code).toBe(0);
  ers.config('seed: 7\nfit: { lr: 0.9, kind: sgd }\n');
  expect(ers('run', 'train@seed-1').code).toBe(0);
  const { out } = ers('exp', 'show');
  expect(out).toMatch(/\n★ lr-0\.001 +0\.0250 .*\n {2}current +– /);
  expect(out).toContain('\ncurrent without means: the members of train were made with different params.\n');
  const told = JSON.parse(ers('exp', 'show', '--json').out) as unknown;
  expect(told).toMatchObject({
    experiments: [
      { name: 'lr-0.001', mixed: [], params: { 'train@seed-1:fit.lr': 0.001 } },
      { mixed: ['train'], params: { 'train@seed-1:fit.lr': 0.9, 'train@seed-2:fit.lr': 0.01 } },
    ],
  });
});

it('exp diff and exp show NAME tell the mean before the members', () => {
  const ers = matrixProject();
  expect(ers('run').code).toBe(0);
  expect(ers('run', '-S', 'fit.lr=0.03').code).toBe(0);
  expect(ers('exp', 'diff', 'lr-0.03').out).toMatch(
    /^params +lr-0\.03 +current\nfit\.lr +0\.03 +0\.01\n\nmetrics .*\nmean test_iou +0\.3150 +0\.1150 +-0\.2000\nmean loss .*\nseed-1 test_iou +0\.3100 /,
  );
  expect(ers('exp', 'show', 'lr-0.03').out).toMatch(
    /\nmetrics\n {2}train@\* +mean loss +0\.9700\n +mean test_iou +0\.3150\n {2}train@seed-1 +loss .*\n +test_iou +0\.3100\n {2}train@seed-2 /,
  );
});

it('lines of exp diff and exp show fit 80 columns with long names and values, of which no two come to the same', () => {
  const ers = matrixProject();
  const kinds = ['a', 'b'].map(
    (end) => `one kind among many, whose name is far longer than a column, ${end}`,
  );
  const name = 'a-name-of-an-experiment-that-is-as-long-as-any';
  for (const [at, kind] of kinds.entries())
    expect(ers('run', '-S', `fit.kind=${JSON.stringify(kind)}`, '--name', `${name}-${at}`).code).toBe(0);
  const diff = ers('exp', 'diff', `${name}-0`, `${name}-1`).out.split('\n');
  for (const line of diff) expect(line.length).toBeLessThanOrEqual(80);
  expect(diff.slice(0, 3)).toEqual([`A  ${name}-0`, `B  ${name}-1`, '']);
  const table = ers('exp', 'show').out.trimEnd().split('\n');
  for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
  const rows = table.slice(1, 3).map((line) => line.slice(2, 42));
  expect(new Set(rows).size).toBe(2);
});
