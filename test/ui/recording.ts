import type { EngineEvent } from '../../engine/events.ts';
import type { Reason } from '../../engine/reasons.ts';
import type { StageEvent } from '../../ui/say.ts';

/** An event and when it came, in milliseconds since the run began. */
export interface Recorded {
  readonly at: number;
  readonly event: EngineEvent;
}

const seedChanged: Reason = { type: 'param', key: 'split.seed', before: '42', after: '43' };
const manifestChanged: Reason = {
  type: 'dep-changed',
  dep: 'split',
  source: 'split:manifest',
  files: [],
  changes: 1,
};

/**
 * A whole run of the demo pipeline with the runtime missing, written by hand in the engine's own words: two stages cached,
 * four run, a warning, ten epochs of training. Numbers follow formulas, so that any length is the same each time.
 */
export function demoRun(epochs = 10, steps = 40): readonly Recorded[] {
  const tape = new Tape();
  tape.say(0, {
    type: 'run-started',
    run: '2026-11-23T04-00-00-a1b2',
    stages: [
      { stage: 'synthesize', state: 'cached', reasons: [] },
      { stage: 'scan', state: 'cached', reasons: [] },
      { stage: 'split', state: 'run', reasons: [seedChanged] },
      { stage: 'shards', state: 'maybe', reasons: [{ type: 'upstream', stage: 'split' }] },
      { stage: 'train', state: 'maybe', reasons: [{ type: 'upstream', stage: 'shards' }] },
      { stage: 'evaluate', state: 'maybe', reasons: [{ type: 'upstream', stage: 'train' }] },
    ],
  });
  for (const stage of ['synthesize', 'scan']) {
    tape.say(5, {
      type: 'stage-finished',
      stage,
      outcome: { type: 'cached', because: [], restored: false, metrics: {} },
    });
  }
  tape.start('split', [seedChanged]);
  tape.stage(300, 'split', {
    type: 'note',
    level: 'warning',
    text: 'class group 1,4 has 2 masks, fewer than min_group 6: merged with the other rare groups',
  });
  tape.made(120, 'split', 0.4);

  tape.start('shards', [manifestChanged, { type: 'code', module: 'imaging/flip.ts' }, seedChanged]);
  for (let done = 0; done <= 240; done += 6) {
    tape.stage(70, 'shards', { type: 'progress', label: 'augment train', done, total: 240, unit: 'samples' });
  }
  tape.made(50, 'shards', 2.9);

  for (const [phase, text] of [
    ['missing', 'native TensorFlow 2.18.1 for CPU is not there; it goes to ~/.cache/ers/runtime'],
    ['fetching', 'tensorflow-cpu 2.18.1'],
    ['unpacking', 'tensorflow-cpu 2.18.1'],
    ['building', 'the Node addon'],
    ['checking', 'a first multiplication'],
    ['ready', 'native TensorFlow 2.18.1 for CPU is ready'],
  ] as const) {
    const total = 230_000_000;
    if (phase === 'fetching') {
      for (let done = 0; done <= total; done += 11_500_000) {
        tape.say(90, { type: 'runtime', runtime: 'tensorflow', phase, text, done, total });
      }
    } else {
      tape.say(400, { type: 'runtime', runtime: 'tensorflow', phase, text });
    }
  }

  tape.start('train', [
    { type: 'dep-changed', dep: 'train', source: 'shards:train', files: [], changes: 1 },
    { type: 'dep-changed', dep: 'val', source: 'shards:val', files: [], changes: 1 },
    { type: 'param', key: 'schedule.T_max', before: '50', after: '60' },
  ]);
  train(tape, epochs, steps);
  tape.made(200, 'train', 42);

  tape.start('evaluate', [
    { type: 'dep-changed', dep: 'model', source: 'train:model', files: [], changes: 3 },
  ]);
  const metrics = {
    iou: 0.7312,
    commonest_iou: 0.3127,
    mean_iou: 0.6021,
    mean_f1: 0.7185,
    pixel_accuracy: 0.8459,
  };
  tape.stage(600, 'evaluate', { type: 'metrics', values: metrics });
  tape.say(100, {
    type: 'stage-finished',
    stage: 'evaluate',
    outcome: { type: 'made', seconds: 0.7, same: false, metrics },
  });
  tape.say(10, { type: 'run-finished', exitCode: 0, seconds: 53 });
  return tape.recorded;
}

function train(tape: Tape, epochs: number, steps: number): void {
  let best = { epoch: 0, iou: 0 };
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    let sum = 0;
    for (let step = 1; step <= steps; step += 1) {
      const at = epoch - 1 + step / steps;
      const loss = 0.25 + 1.4 * Math.exp(-at / 2.2) + 0.05 * Math.sin(step * 2.7 + epoch);
      sum += loss;
      tape.stage(90, 'train', {
        type: 'step',
        epoch,
        epochs,
        step,
        steps,
        loss,
        learningRate: 0.0005 * (1 + Math.cos((Math.PI * at) / epochs)),
        imagesPerSecond: 88 + 3 * Math.sin(step),
        stall: 0.004,
        memory: 1.21e9,
        peakMemory: 1.34e9,
      });
    }
    const valIou = 0.72 - 0.55 * Math.exp(-epoch / 2.5) + 0.03 * Math.sin(epoch * 2);
    if (valIou > best.iou) best = { epoch, iou: valIou };
    tape.stage(350, 'train', {
      type: 'epoch',
      epoch,
      epochs,
      trainLoss: sum / steps,
      valLoss: sum / steps + 0.05,
      valIou,
      bestValIou: best.iou,
      bestEpoch: best.epoch,
    });
  }
}

class Tape {
  readonly recorded: Recorded[] = [];
  #at = 0;

  /** An event `after` milliseconds after the one before. */
  say(after: number, event: EngineEvent): void {
    this.#at += after;
    this.recorded.push({ at: this.#at, event });
  }

  stage(after: number, stage: string, event: StageEvent): void {
    this.say(after, { type: 'stage-event', stage, event });
  }

  start(stage: string, reasons: readonly Reason[]): void {
    this.say(40, { type: 'stage-started', stage, attempt: `${stage}-1`, reasons, resumed: false });
  }

  made(after: number, stage: string, seconds: number): void {
    this.say(after, {
      type: 'stage-finished',
      stage,
      outcome: { type: 'made', seconds, same: false, metrics: {} },
    });
  }
}
