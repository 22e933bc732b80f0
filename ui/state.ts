import type { EngineEvent, PlannedStage, RuntimeEvent, StageOutcome } from '../engine/events.ts';
import { unreachable } from '../base/unreachable.ts';
import { printable } from './printable.ts';
import { measure, startMeter, type Meter } from './meter.ts';
import { sayRetry, type Notice, type StageEvent } from './say.ts';
import { afterEpoch, afterStep, type Training } from './training.ts';

/** All that a screen needs; made from events alone, so that any renderer can be fed from a recording. Times in milliseconds. */
export interface UiState {
  readonly run?: string;
  readonly startedAt: number;
  readonly now: number;
  /** Names of the experiments that run; none: a plain run. */
  readonly experiments: readonly string[];
  /** In the plan's order. */
  readonly stages: readonly StageView[];
  readonly runtime?: RuntimeView;
  /** In the order they came; a warning of a stage is one too. */
  readonly notices: readonly UiNotice[];
  /** What is over and will not change any more, in the order it happened; only ever appended to. */
  readonly log: readonly LogItem[];
  /** Somebody pressed Ctrl-C; the stages are saving. */
  readonly stopping: boolean;
  readonly finished?: { readonly exitCode: number; readonly seconds: number };
}

export interface UiNotice extends Notice {
  readonly stage?: string;
}

export type LogItem =
  | { readonly type: 'finished'; readonly view: StageView & { readonly outcome: StageOutcome } }
  | { readonly type: 'notice'; readonly notice: UiNotice }
  | { readonly type: 'runtime'; readonly text: string };

export interface StageView {
  readonly stage: string;
  readonly planned: PlannedStage;
  readonly status: 'planned' | 'waiting' | 'running' | 'finished';
  /** Who makes the same thing while this stage waits. */
  readonly holder?: string;
  /** The stage of this run that is at it. */
  readonly twin?: string;
  /** What to do if that one is gone. */
  readonly advice?: string;
  readonly startedAt?: number;
  /** Why it runs, as the engine said when it started. */
  readonly reasons: PlannedStage['reasons'];
  readonly resumed: boolean;
  readonly progress?: Progress;
  readonly training?: Training;
  /** Newest metrics that the stage told; those of its outcome once it is done. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The last line that it printed. */
  readonly printed?: string;
  /** What it is at since it was asked to stop. */
  readonly ending?: string;
  readonly outcome?: StageOutcome;
}

interface Progress {
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

/** Seconds over which rates are taken. */
const rateWindow = 20;

export function startState(now: number): UiState {
  return { startedAt: now, now, experiments: [], stages: [], notices: [], log: [], stopping: false };
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
      return {
        ...next,
        run: action.run,
        startedAt: now,
        experiments: action.experiments ?? [],
        stages: action.stages.map(plannedView),
      };
    case 'runtime':
      return afterRuntimeEvent(next, action);
    case 'stage-phase':
      return next;
    case 'stage-waiting':
      return change(next, action.stage, (view) => ({
        ...view,
        status: 'waiting',
        holder: action.holder,
        ...(action.twin === undefined ? {} : { twin: action.twin }),
        ...(action.advice === undefined ? {} : { advice: action.advice }),
      }));
    case 'stage-started':
      return change(next, action.stage, (view) => ({
        ...view,
        status: 'running',
        startedAt: now,
        reasons: action.reasons,
        resumed: action.resumed,
      }));
    case 'stage-retrying':
      return withNotice(next, { level: 'warning', text: sayRetry(action), stage: action.stage });
    case 'stage-event':
      return afterStageEvent(next, action.stage, action.event, now);
    case 'stage-output':
      return change(next, action.stage, (view) => ({ ...view, printed: printable(action.line) }));
    case 'stage-finished':
      return afterFinished(next, action.stage, action.outcome);
    case 'notice':
      return withNotice(next, { level: action.level, text: action.text });
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
  };
}

function change(state: UiState, stage: string, how: (view: StageView) => StageView): UiState {
  return { ...state, stages: state.stages.map((view) => (view.stage === stage ? how(view) : view)) };
}

function afterFinished(state: UiState, stage: string, outcome: StageOutcome): UiState {
  const log: LogItem[] = [];
  const stages = state.stages.map((view) => {
    if (view.stage !== stage) return view;
    const metrics = 'metrics' in outcome ? outcome.metrics : view.metrics;
    const finished = { ...view, status: 'finished', outcome, metrics } as const;
    log.push({ type: 'finished', view: finished });
    return finished;
  });
  return { ...state, stages, log: [...state.log, ...log] };
}

function withNotice(state: UiState, notice: UiNotice): UiState {
  return {
    ...state,
    notices: [...state.notices, notice],
    log: [...state.log, { type: 'notice', notice }],
  };
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
    case 'grace': {
      const { doing } = event;
      return doing === undefined ? state : change(state, stage, (view) => ({ ...view, ending: doing }));
    }
    case 'loaded':
      return state;
    case 'metrics':
      return change(state, stage, (view) => ({ ...view, metrics: event.values }));
    case 'note':
      return withNotice(state, { level: event.level, text: event.text, stage });
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

function afterRuntimeEvent(state: UiState, event: RuntimeEvent): UiState {
  const before = state.runtime;
  const meter = before?.event.phase === event.phase ? before.meter : startMeter(rateWindow);
  const runtime: RuntimeView = {
    event,
    startedAt: before?.startedAt ?? state.now,
    meter: event.done === undefined ? meter : measure(meter, event.done, state.now),
  };
  // What was missing and that it is there now are worth keeping on the screen; the phases between are not.
  const kept = event.phase === 'missing' || event.phase === 'ready';
  return {
    ...state,
    runtime,
    log: kept ? [...state.log, { type: 'runtime', text: `${event.runtime}: ${event.text}` }] : state.log,
  };
}
