import { describe, expect, it } from 'vitest';
import { rateOf, timeLeft } from '../../ui/meter.ts';
import { reduce, startState, type UiAction, type UiState } from '../../ui/state.ts';
import { curveLimit, trainingShare } from '../../ui/training.ts';
import { demoRun } from './recording.ts';

function play(actions: readonly { readonly at: number; readonly event: UiAction }[]): UiState {
  return actions.reduce((state, { at, event }) => reduce(state, event, at), startState(0));
}

const started: UiAction = {
  type: 'run-started',
  run: 'r',
  stages: [{ stage: 'train', state: 'run', reasons: [{ type: 'never-made' }] }],
};

function step(epoch: number, number: number, loss = 1): UiAction {
  return {
    type: 'stage-event',
    stage: 'train',
    event: {
      type: 'step',
      epoch,
      epochs: 4,
      step: number,
      steps: 10,
      loss,
      learningRate: 0.001,
      imagesPerSecond: 80,
      stall: 0,
    },
  };
}

describe('the state of the screen', () => {
  it('logs what is over in the order it happened and keeps the plan’s order for the rest', () => {
    const state = play(demoRun(2, 5));
    expect(state.stages.map((view) => view.stage)).toEqual([
      'synthesize',
      'scan',
      'split',
      'shards',
      'train',
      'evaluate',
    ]);
    expect(state.log.map((item) => (item.type === 'finished' ? item.view.stage : item.type))).toEqual([
      'synthesize',
      'scan',
      'notice',
      'split',
      'shards',
      'runtime',
      'runtime',
      'train',
      'evaluate',
    ]);
    expect(state.finished).toEqual({ exitCode: 0, seconds: 53 });
  });

  it('is a pure function: the same recording gives the same state and the old state is untouched', () => {
    const before = reduce(startState(0), started, 5);
    const copy = structuredClone(before);
    reduce(before, step(1, 1), 10);
    expect(before).toEqual(copy);
    expect(play(demoRun(2, 5))).toEqual(play(demoRun(2, 5)));
  });

  it('derives rate and time left of progress from its own clock', () => {
    const progress = (done: number): UiAction => ({
      type: 'stage-event',
      stage: 'train',
      event: { type: 'progress', label: 'augment', done, total: 400, unit: 'samples' },
    });
    const state = play([
      { at: 0, event: started },
      { at: 1000, event: progress(0) },
      { at: 3000, event: progress(100) },
    ]);
    const meter = state.stages[0]?.progress?.meter;
    if (meter === undefined) throw new Error('no meter');
    expect(rateOf(meter)).toBe(50);
    expect(timeLeft(meter, 400)).toBe(6);
  });

  it('counts a resumed training from the step where it went on', () => {
    const state = play([
      { at: 0, event: started },
      { at: 1000, event: step(3, 1) },
      { at: 2000, event: step(3, 6) },
    ]);
    const training = state.stages[0]?.training;
    if (training === undefined) throw new Error('no training');
    expect(trainingShare(training)).toEqual({ done: 26, total: 40 });
    expect(timeLeft(training.meter, 40)).toBe(14 / 5);
  });

  it('replaces the part of the curve that is trained again after a checkpoint', () => {
    const state = play([
      { at: 0, event: started },
      { at: 1, event: step(1, 5, 3) },
      { at: 2, event: step(1, 6, 2) },
      { at: 3, event: step(1, 5, 9) },
    ]);
    expect(state.stages[0]?.training?.losses).toEqual([{ at: 0.5, value: 9 }]);
  });

  it('keeps the loss curve bounded however long the training is', () => {
    const steps = Array.from(
      { length: 5000 },
      (_, at): { readonly at: number; readonly event: UiAction } => ({
        at,
        event: {
          type: 'stage-event',
          stage: 'train',
          event: {
            type: 'step',
            epoch: 1,
            epochs: 1,
            step: at + 1,
            steps: 5000,
            loss: 1 / (at + 1),
            learningRate: 0.1,
            imagesPerSecond: 1,
            stall: 0,
          },
        },
      }),
    );
    const losses = play([{ at: 0, event: started }, ...steps]).stages[0]?.training?.losses ?? [];
    expect(losses.length).toBeLessThanOrEqual(curveLimit);
    expect(losses.length).toBeGreaterThan(curveLimit / 4);
    expect(losses.at(-1)).toEqual({ at: 1, value: 1 / 5000 });
  });

  it('keeps a stage’s warning with the stage’s name', () => {
    const state = play([
      { at: 0, event: started },
      {
        at: 1,
        event: {
          type: 'stage-event',
          stage: 'train',
          event: { type: 'note', level: 'warning', text: 'no encoder weights' },
        },
      },
    ]);
    expect(state.notices).toEqual([{ level: 'warning', text: 'no encoder weights', stage: 'train' }]);
  });
});
