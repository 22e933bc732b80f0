import { measure, startMeter, type Meter } from './meter.ts';
import type { StageEvent } from './say.ts';

type Step = Extract<StageEvent, { readonly type: 'step' }>;
type Epoch = Extract<StageEvent, { readonly type: 'epoch' }>;

/** What a training stage has said so far. */
export interface Training {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Of the newest step; undefined before the first, e.g. just after a resume. */
  readonly loss?: number;
  readonly learningRate?: number;
  readonly imagesPerSecond?: number;
  /** Share of the time spent waiting for data, 0…1. */
  readonly stall?: number;
  /** Bytes that its process holds, and at most so far. */
  readonly memory?: number;
  readonly peakMemory?: number;
  readonly best?: { readonly epoch: number; readonly valIou: number };
  /** Train loss of single steps over the whole training, thinned to at most `curveLimit` points. */
  readonly losses: readonly CurvePoint[];
  /** Validation IoU at the end of each epoch. */
  readonly ious: readonly CurvePoint[];
  /** Counts steps over all epochs, validation included in the time. */
  readonly meter: Meter;
}

/** `at` is in epochs from 0: 1.5 is the middle of the second epoch. */
export interface CurvePoint {
  readonly at: number;
  readonly value: number;
}

/** More points than any terminal has columns of dots. */
export const curveLimit = 512;

const nothing = { losses: [], ious: [], meter: startMeter(Infinity) };

export function afterStep(before: Training | undefined, event: Step, now: number): Training {
  const known = before ?? nothing;
  const done = (event.epoch - 1) * event.steps + event.step;
  return {
    ...known,
    epoch: event.epoch,
    epochs: event.epochs,
    step: event.step,
    steps: event.steps,
    loss: event.loss,
    learningRate: event.learningRate,
    imagesPerSecond: event.imagesPerSecond,
    stall: event.stall,
    ...(event.memory === undefined ? {} : { memory: event.memory }),
    ...(event.peakMemory === undefined ? {} : { peakMemory: event.peakMemory }),
    losses: append(known.losses, { at: event.epoch - 1 + event.step / event.steps, value: event.loss }),
    meter: measure(known.meter, done, now),
  };
}

export function afterEpoch(before: Training | undefined, event: Epoch): Training {
  const known = before ?? { ...nothing, step: 0, steps: 0 };
  return {
    ...known,
    epoch: event.epoch,
    epochs: event.epochs,
    best: { epoch: event.bestEpoch, valIou: event.bestValIou },
    ious: append(known.ious, { at: event.epoch, value: event.valIou }),
    // A stage that tells only of epochs still gets a curve.
    losses:
      before === undefined || before.steps === 0
        ? append(known.losses, { at: event.epoch, value: event.trainLoss })
        : known.losses,
  };
}

/** Steps of the whole training done and to do; undefined before the first step. */
export function trainingShare(
  training: Training,
): { readonly done: number; readonly total: number } | undefined {
  if (training.steps === 0) return undefined;
  return {
    done: (training.epoch - 1) * training.steps + training.step,
    total: training.epochs * training.steps,
  };
}

/** Appends in order of `at`; what lies after it belongs to steps that are made again after a resume. Thins to every second point when full. */
function append(points: readonly CurvePoint[], point: CurvePoint): readonly CurvePoint[] {
  const earlier =
    points.length > 0 && (points.at(-1)?.at ?? 0) >= point.at
      ? points.filter((other) => other.at < point.at)
      : points;
  const all = [...earlier, point];
  return all.length <= curveLimit ? all : all.filter((_, at) => at % 2 === 1 || at === all.length - 1);
}
