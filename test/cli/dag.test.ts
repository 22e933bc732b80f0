import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ers, type Outcome } from './project.ts';
import { tempFolder } from '../temp-folder.ts';

/** `ers dag` in a folder with this pipeline. */
function dag(stages: string, ...args: readonly string[]): Outcome {
  const folder = tempFolder('ers-dag-');
  writeFileSync(join(folder, 'pipeline.yaml'), `config: config.yaml\nstages:\n${stages}`);
  writeFileSync(join(folder, 'config.yaml'), stages.includes('params: [lr]') ? 'lr: 1\n' : '{}\n');
  return ers(folder, ['dag', ...args]);
}

/** A pair, a stage that reads both as one folder, one that is frozen and one that is always made. */
const members = `  fetch: { cmd: [curl, '{outs.scene}'], always: true, outs: { scene: scene.tif } }
  train: { cmd: [fit, '{deps.scene}', '{params.lr}', '{outs.model}'], deps: { scene: 'fetch:scene' }, params: [lr], matrix: { lr: [0.1, 0.2] }, outs: { model: model/ } }
  score: { cmd: [eval, '{deps.model}', '{outs.m}'], deps: { model: 'train:model' }, outs: { m: m.json }, matrix: { lr: [0.1, 0.2] } }
  best: { cmd: [pick, '{deps.models}', '{outs.b}'], deps: { models: 'train@*:model', notes: notes.txt }, frozen: true, outs: { b: b.txt } }
default: [best]
`;

it('members of a matrix, frozen and always are told, and what all members make is one word', () => {
  const { code, out } = dag(members);
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "fetch         → scene
                  curl {outs.scene}; always
    train@lr-0.1  fetch:scene → model
                  fit {deps.scene} {params.lr} {outs.model}
    train@lr-0.2  fetch:scene → model
                  fit {deps.scene} {params.lr} {outs.model}
    score@lr-0.1  train@lr-0.1:model → m
                  eval {deps.model} {outs.m}
    score@lr-0.2  train@lr-0.2:model → m
                  eval {deps.model} {outs.m}
    best          train@*:model, notes.txt → b
                  pick {deps.models} {outs.b}; frozen
    "
  `);
});

it('the flowchart has one node a stage and member, all of them different', () => {
  const { code, out } = dag(members, '--mermaid');
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "flowchart LR
      path_0[("notes.txt")]
      stage_fetch["fetch, always"]
      stage_train_40lr_2d0_2e1["train@lr-0.1"]
      stage_train_40lr_2d0_2e2["train@lr-0.2"]
      stage_score_40lr_2d0_2e1["score@lr-0.1"]
      stage_score_40lr_2d0_2e2["score@lr-0.2"]
      stage_best["best, frozen"]
      stage_fetch -->|"scene"| stage_train_40lr_2d0_2e1
      stage_fetch -->|"scene"| stage_train_40lr_2d0_2e2
      stage_train_40lr_2d0_2e1 -->|"model"| stage_score_40lr_2d0_2e1
      stage_train_40lr_2d0_2e2 -->|"model"| stage_score_40lr_2d0_2e2
      stage_train_40lr_2d0_2e1 -->|"model"| stage_best
      stage_train_40lr_2d0_2e2 -->|"model"| stage_best
      path_0 --> stage_best
    "
  `);
});

/** Each reads up to six of those before it, and its command is long. */
const twenty = Array.from({ length: 20 }, (_, at) => {
  const from = [1, 2, 3, 5, 8, 13].filter((step) => step <= at).map((step) => at - step);
  const deps = from.map((each) => `in-${each}: 'stage-number-${each}:result'`).join(', ');
  const words = from.map((each) => `'{deps.in-${each}}'`).join(', ');
  return `  stage-number-${at}: { cmd: [work, ${words}${words === '' ? '' : ', '}'{outs.result}'], deps: { ${deps} }, outs: { result: result.txt } }\n`;
}).join('');

it('twenty stages fit into 100 columns, each after those that it reads, the same each time', () => {
  const { code, out } = dag(`${twenty}default: [stage-number-19]\n`);
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  const heads = lines.flatMap((line) => /^(stage-number-\d+) /.exec(line)?.[1] ?? []);
  expect(heads).toEqual(Array.from({ length: 20 }, (_, at) => `stage-number-${at}`));
  // Nothing that a stage reads is left out, however many lines it takes.
  for (const at of [0, 7, 19]) {
    const [, block = ''] = out.split(new RegExp(`^stage-number-${at} `, 'm'));
    const own = block.split(/^stage-number/m)[0] ?? '';
    const reads = [...own.matchAll(/stage-number-(\d+):result/g)].map(([, from]) => Number(from));
    expect(reads).toEqual([1, 2, 3, 5, 8, 13].filter((step) => step <= at).map((step) => at - step));
  }
  expect(dag(`${twenty}default: [stage-number-19]\n`).out).toBe(out);
});

it('a command of several lines is one line, and a long one is cut', () => {
  const { out } = dag(
    `  a:\n    cmd: |\n      set -e\n      echo ${'x'.repeat(200)} > {outs.b}\n    outs: { b: b.txt }\n`,
  );
  expect(out).toBe(`a  → b\n   set -e; echo ${'x'.repeat(63)}…\n`);
});
