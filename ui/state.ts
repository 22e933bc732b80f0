import type { EngineEvent, PlannedStage, RuntimeEvent, StageOutcome } from '../engine/events.ts';
import { unreachable } from '../base/unreachable.ts';
import { measure, startMeter, type Meter } from './meter.ts';
import type { Notice, StageEvent } from './say.ts';
import { afterEpoch, afterStep, type Training } from './training.ts';

/** All that a screen needs; made from events alone, so that any renderer can be fed from a recording. Times in milliseconds. */
export interface UiState {
  readonly run?: string;
  readonly startedAt: number;
  readonly now: number;
  /** In the plan's order. */
  readonly stages: readonly StageView[];
  readonly runtime?: RuntimeView;
  /** In the order they came; a warning of a stage is one too. */
  readonly notices: readonly UiNotice[];
  /** Somebody pressed Ctrl-C; the stages are saving. */
  readonly stopping: boolean;
  readonly finished?: { readonly exitCode: number; readonly seconds: number };
}

export interface UiNotice extends Notice {
  readonly stage?: string;
}

export interface StageView {
  readonly stage: string;
  readonly planned: PlannedStage;
  readonly status: 'planned' | 'waiting' | 'running' | 'finished';
  /** Who makes the same thing while this stage waits. */
  readonly holder?: string;
  readonly startedAt?: number;
  /** Why it runs, as the engine said when it started. */
  readonly reasons: PlannedStage['reasons'];
  readonly resumed: boolean;
  readonly progress?: Progress;
  readonly training?: Training;
  /** Newest metrics that the stage told; those of its outcome once it is done. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The last lines that it printed, for the report of a failure. */
  readonly output: readonly string[];
  readonly outcome?: StageOutcome;
}

export interface Progress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly meter: Meter;
}

export interface RuntimeView {
  readonly event: RuntimeEvent;
  readonly startedAt: number;
  readonly meter: Meter;
}

export type UiAction = EngineEvent | { readonly type: 'tick' } | { readonly type: 'stop-asked' };

/** Lines of output kept for each stage. */
const outputLimit = 20;
/** Seconds over which rates are taken. */
const rateWindow = 20;

export function startState(now: number): UiState {
  return { startedAt: now, now, stages: [], notices: [], stopping: false };
}

/** Pure: the next state after an event that came at `now`. */
export function reduce(state: UiState, action: UiAction, now: number): UiState {
  const next = { ...state, now };
  switch (action.type) {
    case 'tick':
      return next;
    case 'stop-asked':
      return { ...next, stopping: true };
    case 'run-started':
      return { ...next, run: action.run, startedAt: now, stages: action.stages.map(plannedView) };
    case 'runtime':
      return { ...next, runtime: afterRuntime(state.runtime, action, now) };
    case 'stage-waiting':
      return change(next, action.stage, (view) => ({ ...view, status: 'waiting', holder: action.holder }));
    case 'stage-started':
      return change(next, action.stage, (view) => ({
        ...view,
        status: 'running',
        startedAt: now,
        reasons: action.reasons,
        resumed: action.resumed,
      }));
    case 'stage-event':
      return afterStageEvent(next, action.stage, action.event, now);
    case 'stage-output':
      return change(next, action.stage, (view) => ({
        ...view,
        output: [...view.output, action.line].slice(-outputLimit),
      }));
    case 'stage-finished':
      return change(next, action.stage, (view) => ({
        ...view,
        status: 'finished',
        outcome: action.outcome,
        metrics: 'metrics' in action.outcome ? action.outcome.metrics : view.metrics,
      }));
    case 'notice':
      return { ...next, notices: [...next.notices, { level: action.level, text: action.text }] };
    case 'run-finished':
      return { ...next, finished: { exitCode: action.exitCode, seconds: action.seconds } };
    default:
      return unreachable(action);
  }
}

function plannedView(planned: PlannedStage): StageView {
  return {
    stage: planned.stage,
    planned,
    status: 'planned',
    reasons: planned.reasons,
    resumed: false,
    metrics: {},
    output: [],
  };
}

function change(state: UiState, stage: string, how: (view: StageView) => StageView): UiState {
  return { ...state, stages: state.stages.map((view) => (view.stage === stage ? how(view) : view)) };
}

function afterStageEvent(state: UiState, stage: string, event: StageEvent, now: number): UiState {
  switch (event.type) {
    case 'progress':
      return change(state, stage, (view) => ({
        ...view,
        progress: afterProgress(view.progress, event, now),
      }));
    case 'step':
      return change(state, stage, (view) => ({ ...view, training: afterStep(view.training, event, now) }));
    case 'epoch':
      return change(state, stage, (view) => ({ ...view, training: afterEpoch(view.training, event) }));
    case 'metrics':
      return change(state, stage, (view) => ({ ...view, metrics: event.values }));
    case 'note':
      return { ...state, notices: [...state.notices, { level: event.level, text: event.text, stage }] };
    default:
      return unreachable(event);
  }
}

function afterProgress(
  before: Progress | undefined,
  event: Extract<StageEvent, { readonly type: 'progress' }>,
  now: number,
): Progress {
  const { label, done, total, unit } = event;
  const meter = before?.label === label ? before.meter : startMeter(rateWindow);
  return { label, done, total, unit, meter: measure(meter, done, now) };
}

function afterRuntime(before: RuntimeView | undefined, event: RuntimeEvent, now: number): RuntimeView {
  const same = before?.event.phase === event.phase;
  const meter = same ? before.meter : startMeter(rateWindow);
  return {
    event,
    startedAt: before?.startedAt ?? now,
    meter: event.done === undefined ? meter : measure(meter, event.done, now),
  };
}
