import { unreachable } from '../base/unreachable.ts';
import type { EngineEvent, RuntimeEvent } from '../engine/events.ts';
import { printable } from './printable.ts';
import { rateOf, timeLeft, type Meter } from './meter.ts';
import type { Role } from './roles.ts';
import { outcomeWord, sayOutcome, sayRetry, sayWaiting, type StageEvent, type WhyLine } from './say.ts';
import type { StageView, UiState } from './state.ts';
import { sayWhy } from './summary.ts';
import { trainingShare } from './training.ts';
import { sayBytes, sayCount, sayLearningRate, sayRate, saySeconds, sayScore, sayShare } from './units.ts';

/** `stage  word  text`; the role is the word's. */
export interface PlainLine {
  readonly stage: string;
  readonly word: string;
  readonly text: string;
  readonly role: Role;
  /** Set on lines that may be left out: how far the work is, so that the printer can tell it seldom. */
  readonly progress?: { readonly done: number; readonly total: number };
}

/** What one event is worth saying, or nothing. `state` is the one after the event. */
export function plainLine(event: EngineEvent, state: UiState, why: WhyLine): PlainLine | undefined {
  switch (event.type) {
    case 'run-started':
    case 'run-finished':
    case 'stage-phase':
      return undefined;
    case 'runtime':
      return runtimeLine(event, state);
    case 'stage-waiting':
      return {
        stage: event.stage,
        word: 'waiting',
        text: sayWaiting(event),
        role: 'running',
      };
    case 'stage-started': {
      const view = viewOf(state, event.stage);
      if (view === undefined) return undefined;
      return {
        stage: event.stage,
        word: event.resumed ? 'resumed' : 'run',
        text: sayWhy(view, why),
        role: 'running',
      };
    }
    case 'stage-retrying':
      return { stage: event.stage, word: 'again', text: sayRetry(event), role: 'warning' };
    case 'stage-event':
      return stageEventLine(event.stage, event.event, viewOf(state, event.stage));
    case 'stage-output':
      return { stage: event.stage, word: 'prints', text: printable(event.line), role: 'why' };
    case 'stage-finished': {
      const word = outcomeWord(event.outcome);
      return { stage: event.stage, word, text: sayOutcome(event.outcome), role: outcomeRoles[word] };
    }
    case 'notice':
      return noticeLine('ers', event);
    default:
      return unreachable(event);
  }
}

/** How an outcome's word is coloured. */
export const outcomeRoles = {
  made: 'made',
  cached: 'cached',
  restored: 'cached',
  frozen: 'cached',
  failed: 'failed',
  stopped: 'warning',
  skipped: 'warning',
} as const satisfies Record<ReturnType<typeof outcomeWord>, Role>;

function stageEventLine(
  stage: string,
  event: StageEvent,
  view: StageView | undefined,
): PlainLine | undefined {
  switch (event.type) {
    case 'progress': {
      const { done, total, unit, label } = event;
      const rate = rateOf(view?.progress?.meter ?? noMeter);
      return {
        stage,
        word: sayShare(done, total),
        text: [
          `${label}: ${sayCount(done)} of ${sayCount(total)} ${unit}`,
          ...(rate === undefined ? [] : [`${sayRate(rate)} ${unit}/s`]),
          ...sayLeft(view?.progress?.meter, total),
        ].join(', '),
        role: 'running',
        progress: { done, total },
      };
    }
    case 'step': {
      const share = view?.training === undefined ? undefined : trainingShare(view.training);
      if (share === undefined) return undefined;
      return {
        stage,
        word: sayShare(share.done, share.total),
        text: [
          `epoch ${event.epoch}/${event.epochs}`,
          `step ${event.step}/${event.steps}`,
          `loss ${sayScore(event.loss)}`,
          `lr ${sayLearningRate(event.learningRate)}`,
          `${sayRate(event.imagesPerSecond)} images/s`,
          ...sayLeft(view?.training?.meter, share.total),
        ].join(', '),
        role: 'running',
        progress: share,
      };
    }
    case 'epoch': {
      if (event.past === true) return undefined;
      const best =
        event.bestEpoch === event.epoch
          ? 'the best so far'
          : `best ${sayScore(event.bestValIou)} in epoch ${event.bestEpoch}`;
      const text = `${event.epoch}/${event.epochs}: train loss ${sayScore(event.trainLoss)}, val loss ${sayScore(event.valLoss)}, val IoU ${sayScore(event.valIou)} (${best})`;
      return { stage, word: 'epoch', text, role: 'running' };
    }
    case 'grace': {
      if (event.doing === undefined) return undefined;
      const text = `${event.doing}; it has up to ${saySeconds(event.seconds)} (Ctrl-C again to leave at once)`;
      return { stage, word: 'stopping', text, role: 'warning' };
    }
    case 'loaded':
    case 'metrics':
      return undefined;
    case 'note':
      return noticeLine(stage, event);
    default:
      return unreachable(event);
  }
}

const noMeter: Meter = { window: 0, samples: [] };

function sayLeft(meter: Meter | undefined, total: number): readonly string[] {
  const seconds = timeLeft(meter ?? noMeter, total);
  return seconds === undefined ? [] : [`${saySeconds(seconds)} left`];
}

function runtimeLine(event: RuntimeEvent, state: UiState): PlainLine {
  const { done, total } = event;
  const meter = state.runtime?.meter;
  const rate = rateOf(meter ?? noMeter);
  const amount =
    total === undefined
      ? []
      : [done === undefined ? sayBytes(total) : `${sayBytes(done)} of ${sayBytes(total)}`];
  const pace =
    total === undefined || rate === undefined ? [] : [`${sayBytes(rate)}/s`, ...sayLeft(meter, total)];
  return {
    stage: event.runtime,
    word: event.phase,
    text: [event.text, ...amount, ...pace].join(', '),
    role: event.phase === 'ready' ? 'made' : 'running',
    ...(done === undefined || total === undefined ? {} : { progress: { done, total } }),
  };
}

function noticeLine(
  stage: string,
  notice: { readonly level: 'info' | 'warning'; readonly text: string },
): PlainLine {
  return notice.level === 'warning'
    ? { stage, word: 'warning', text: notice.text, role: 'warning' }
    : { stage, word: 'note', text: notice.text, role: 'why' };
}

function viewOf(state: UiState, stage: string): StageView | undefined {
  return state.stages.find((view) => view.stage === stage);
}
