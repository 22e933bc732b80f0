import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../engine/events.ts';
import { plainPrinter } from '../../ui/plain.ts';
import { plainWhy } from './printed.ts';
import { demoRun, type Recorded } from './recording.ts';

function print(recorded: readonly Recorded[]): string {
  const lines: string[] = [];
  let now = 0;
  const take = plainPrinter({
    write: (line) => lines.push(line),
    now: () => now,
    artifacts: { evaluate: ['artifacts/evaluate/report.html'] },
    why: plainWhy,
  });
  for (const { at, event } of recorded) {
    now = at;
    take(event);
  }
  return lines.join('\n');
}

function printAll(...events: readonly EngineEvent[]): string {
  return print(events.map((event, at) => ({ at, event })));
}

const plannedTrain: EngineEvent = {
  type: 'run-started',
  run: 'r',
  stages: [
    { stage: 'train', state: 'run', reasons: [{ type: 'forced' }] },
    { stage: 'evaluate', state: 'maybe', reasons: [{ type: 'upstream', stage: 'train' }] },
  ],
};

describe('plain lines', () => {
  it('tell a whole run: each stage with its reason, each epoch, the runtime, the warning again at the end', () => {
    expect(`\n${print(demoRun(3, 40))}\n`).toBe(WHOLE);
  });

  it('say of a dependent that it is cached because the same model came out', () => {
    const text = printAll(
      plannedTrain,
      { type: 'stage-started', stage: 'train', attempt: 'a', reasons: [{ type: 'forced' }], resumed: false },
      {
        type: 'stage-finished',
        stage: 'train',
        outcome: { type: 'made', seconds: 61, same: true, metrics: {} },
      },
      {
        type: 'stage-finished',
        stage: 'evaluate',
        outcome: { type: 'cached', because: ['train'], restored: false, metrics: {} },
      },
      { type: 'run-finished', exitCode: 0, seconds: 61.2 },
    );
    expect(text).toBe(
      [
        'ers run: 2 stages: 1 to run, 1 that may follow',
        'train     run        forced',
        'train     made       in 1 min 01 s, the same bytes as before',
        'evaluate  cached     train made the same bytes again',
        'ers       look at    artifacts/evaluate/report.html',
        'ers       done       in 1 min 01 s: 2 stages, 1 made, 1 cached',
      ].join('\n'),
    );
  });

  it('print the faults of a failed stage in full and what was left out because of it', () => {
    const text = printAll(
      plannedTrain,
      {
        type: 'stage-finished',
        stage: 'train',
        outcome: {
          type: 'failed',
          seconds: 2,
          faults: [
            {
              code: 'ERS_MASK_VALUE',
              message: 'value 9 has no class (12 pixels)',
              place: { file: 'annotations/a_mask.png', pixel: { x: 4, y: 9 } },
              hint: 'add it to `classes` in config.yaml',
            },
          ],
        },
      },
      { type: 'stage-finished', stage: 'evaluate', outcome: { type: 'skipped', because: 'train' } },
      { type: 'run-finished', exitCode: 1, seconds: 2 },
    );
    expect(text.split('\n').slice(1)).toEqual([
      'train     failed     after 2.0 s',
      '  annotations/a_mask.png, pixel (4, 9) value 9 has no class (12 pixels) [ERS_MASK_VALUE]',
      '    add it to `classes` in config.yaml',
      'evaluate  skipped    because of train',
      'ers       failed     in 2.0 s: 2 stages, 1 failed, 1 skipped',
    ]);
  });

  it('tell that an interrupted training goes on from its checkpoint', () => {
    const text = printAll(
      plannedTrain,
      {
        type: 'stage-finished',
        stage: 'train',
        outcome: { type: 'stopped', seconds: 12, checkpoint: true },
      },
      { type: 'stage-finished', stage: 'evaluate', outcome: { type: 'skipped', because: 'interrupted' } },
      { type: 'run-finished', exitCode: 130, seconds: 12 },
    );
    expect(text.split('\n').slice(1)).toEqual([
      'train     stopped    after 12 s; the next ers run goes on from its checkpoint',
      'evaluate  skipped    the run was stopped',
      'ers       stopped    in 12 s: 2 stages, 1 stopped, 1 skipped. The next ers run goes on from here',
    ]);
  });

  it('cut a long list of reasons and point to ers why', () => {
    const reasons = ['a', 'b', 'c', 'd'].map((module) => ({ type: 'code', module }) as const);
    const text = printAll(plannedTrain, {
      type: 'stage-started',
      stage: 'train',
      attempt: 'a',
      reasons,
      resumed: true,
    });
    expect(text.split('\n')[1]).toBe(
      'train     resumed    code of a changed … and 3 more (npx ers why train); goes on from its checkpoint',
    );
  });

  it('fit 80 columns, as long as names are short: stages above are one reason, metrics as many as fit', () => {
    const above = ['a', 'b', 'c'].map((stage) => ({ type: 'upstream', stage }) as const);
    const names = ['test_iou', 'test_f1', 'mean_iou', 'pixel_accuracy'];
    const metrics = Object.fromEntries(names.map((name) => [name, 0.5]));
    const text = printAll(
      { ...plannedTrain, stages: [{ stage: 'train', state: 'maybe', reasons: [] }] },
      { type: 'stage-started', stage: 'train', attempt: 'a', reasons: above, resumed: false },
      {
        type: 'stage-finished',
        stage: 'train',
        outcome: { type: 'cached', because: [], restored: false, metrics },
      },
    );
    const [, run, cached] = text.split('\n');
    expect(run).toBe('train     run        depends on what a and 2 others make');
    expect(cached).toBe('train     cached     same parameters, code and inputs; test_iou 0.5000');
    expect(cached?.length).toBeLessThanOrEqual(80);
  });

  it('give a long name a long line, and leave those of all others as they are', () => {
    const name = 'classify-the-imagery-of-all-periods';
    const stages = ['a', name].map((stage) => ({ stage, state: 'run', reasons: [] }) as const);
    const outcome = { type: 'skipped', because: 'a' } as const;
    const text = printAll(
      { type: 'run-started', run: 'r', stages },
      { type: 'stage-finished', stage: 'a', outcome },
      { type: 'stage-finished', stage: name, outcome },
    );
    expect(text.split('\n').slice(1)).toEqual([
      `${'a'.padEnd(24)}  skipped    because of a`,
      `${name}  skipped    because of a`,
    ]);
  });

  it('take escape sequences and redrawn parts out of what a stage prints', () => {
    const text = printAll(plannedTrain, {
      type: 'stage-output',
      stage: 'train',
      stream: 'stderr',
      line: '10 %\r\u001b[31m20 %\u001b[0m\u0001\r',
    });
    expect(text.split('\n')[1]).toBe('train     prints     20 %�');
  });

  it('tell progress at most every ten seconds', () => {
    const at = (seconds: number, done: number): Recorded => ({
      at: seconds * 1000,
      event: {
        type: 'stage-event',
        stage: 'train',
        event: { type: 'progress', label: 'read', done, total: 100, unit: 'files' },
      },
    });
    const ticks = Array.from({ length: 31 }, (_, second) => at(second, second * 3));
    const lines = print([{ at: 0, event: plannedTrain }, ...ticks])
      .split('\n')
      .slice(1);
    expect(lines).toEqual([
      'train     30 %       read: 30 of 100 files, 3.0 files/s, 23 s left',
      'train     60 %       read: 60 of 100 files, 3.0 files/s, 13 s left',
      'train     90 %       read: 90 of 100 files, 3.0 files/s, 3.3 s left',
    ]);
  });
});

const WHOLE = `
ers run: 6 stages: 2 cached, 1 to run, 3 that may follow
synthesize  cached     same parameters, code and inputs
scan        cached     same parameters, code and inputs
split       run        split.seed 42 → 43
split       warning    class group 1,4 has 2 masks, fewer than min_group 6: merged with the other rare groups
split       made       in 0.4 s
shards      run        split:manifest changed … and 2 more (npx ers why shards)
shards      made       in 2.9 s
tensorflow  missing    native TensorFlow 2.18.1 for CPU is not there; it goes to ~/.cache/ers/runtime
tensorflow  fetching   tensorflow-cpu 2.18.1, 0 B of 230 MB
tensorflow  unpacking  tensorflow-cpu 2.18.1
tensorflow  building   the Node addon
tensorflow  checking   a first multiplication
tensorflow  ready      native TensorFlow 2.18.1 for CPU is ready
train       run        shards:train changed … and 2 more (npx ers why train)
train       epoch      1/3: train loss 1.3688, val loss 1.4188, val IoU 0.3786 (the best so far)
train       epoch      2/3: train loss 0.9595, val loss 1.0095, val IoU 0.4502 (the best so far)
train       86 %       epoch 3/3, step 24/40, loss 0.6310, lr 4.32e-5, 85 images/s, 1.5 s left
train       epoch      3/3: train loss 0.7000, val loss 0.7500, val IoU 0.5460 (the best so far)
train       made       in 42 s
evaluate    run        train:model changed
evaluate    made       in 0.7 s; iou 0.7312, commonest_iou 0.3127 and 3 more
split       warning    class group 1,4 has 2 masks, fewer than min_group 6: merged with the other rare groups
evaluate    score      iou 0.7312
evaluate    score      commonest_iou 0.3127
evaluate    score      mean_iou 0.6021
evaluate    score      mean_f1 0.7185
evaluate    score      pixel_accuracy 0.8459
ers         look at    artifacts/evaluate/report.html
ers         done       in 53 s: 6 stages, 4 made, 2 cached
`;
