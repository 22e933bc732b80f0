import { unreachable } from '../base/unreachable.ts';
import type { EngineEvent, RuntimeEvent } from '../engine/events.ts';
import { faultLines } from './fault-lines.ts';
import { rateOf, timeLeft, type Meter } from './meter.ts';
import { noPaint, type Paint, type Role } from './roles.ts';
import { outcomeWord, sayOutcome, sayPlanCount, type StageEvent } from './say.ts';
import { reduce, startState, type StageView, type UiState } from './state.ts';
import { sayWhy, summarise, type Artifacts } from './summary.ts';
import { trainingShare } from './training.ts';
import { sayBytes, sayCount, sayLearningRate, sayRate, saySeconds, sayScore, sayShare } from './units.ts';

/** One line for each thing that happened, for logs and pipes: `stage  word  why`. */
export interface PlainOptions {
  readonly write: (line: string) => void;
  /** Milliseconds; only for rates and for how often progress is told. */
  readonly now: () => number;
  readonly artifacts: Artifacts;
  readonly paint?: Paint;
}

/** Progress is told again after this long at the earliest, … */
const quiet = 10_000;
/** … and then only if it went on by this share, or after `patience`. */
const worthTelling = 0.1;
const patience = 60_000;

interface Told {
  readonly at: number;
  readonly share: number;
}

/** Returns the reader of events. It keeps the same state as the screen does. */
export function plainPrinter(options: PlainOptions): (event: EngineEvent) => void {
  const { write, now, artifacts, paint = noPaint } = options;
  let state: UiState = startState(now());
  const told = new Map<string, Told>();

  const line = (stage: string, word: string, text: string, role: Role): void => {
    const width = Math.max(7, ...state.stages.map((view) => view.stage.length));
    write(`${stage.padEnd(width)}  ${paint(role, word.padEnd(8))} ${text}`.trimEnd());
  };

  /** Tells progress of `name` seldom: see `quiet`. */
  const seldom = (name: string, done: number, total: number, say: () => void): void => {
    const share = total > 0 ? done / total : 0;
    const last = told.get(name);
    const at = state.now;
    if (last === undefined) {
      told.set(name, { at, share });
      return;
    }
    const waited = at - last.at;
    const moved = share - last.share >= worthTelling || share < last.share;
    if (waited < quiet || (!moved && waited < patience)) return;
    told.set(name, { at, share });
    say();
  };

  const tellStageEvent = (stage: string, event: StageEvent): void => {
    const view = state.stages.find((each) => each.stage === stage);
    switch (event.type) {
      case 'progress':
        seldom(stage, event.done, event.total, () => {
          const rate = sayPace(
            view?.progress?.meter,
            event.total,
            (perSecond) => `${sayRate(perSecond)} ${event.unit}/s`,
          );
          line(
            stage,
            sayShare(event.done, event.total),
            `${event.label}, ${sayCount(event.done)} of ${sayCount(event.total)} ${event.unit}${rate}`,
            'running',
          );
        });
        return;
      case 'step': {
        const share = view?.training === undefined ? undefined : trainingShare(view.training);
        if (share === undefined) return;
        seldom(stage, share.done, share.total, () => {
          const pace = sayPace(
            view?.training?.meter,
            share.total,
            () => `${sayRate(event.imagesPerSecond)} images/s`,
          );
          line(
            stage,
            sayShare(share.done, share.total),
            `epoch ${event.epoch}/${event.epochs}, step ${event.step}/${event.steps}, loss ${sayScore(event.loss)}, lr ${sayLearningRate(event.learningRate)}${pace}`,
            'running',
          );
        });
        return;
      }
      case 'epoch': {
        const best =
          event.bestEpoch === event.epoch
            ? 'the best so far'
            : `best ${sayScore(event.bestValIou)} in epoch ${event.bestEpoch}`;
        line(
          stage,
          'epoch',
          `${event.epoch}/${event.epochs}: train loss ${sayScore(event.trainLoss)}, val loss ${sayScore(event.valLoss)}, val IoU ${sayScore(event.valIou)} (${best})`,
          'running',
        );
        told.set(stage, { at: state.now, share: event.epoch / event.epochs });
        return;
      }
      case 'metrics':
        return;
      case 'note':
        line(
          stage,
          event.level === 'warning' ? 'warning' : 'note',
          event.text,
          event.level === 'warning' ? 'warning' : 'why',
        );
        return;
      default:
        unreachable(event);
    }
  };

  const tellRuntime = (before: UiState, event: RuntimeEvent): void => {
    const say = (): void => {
      const amount =
        event.total === undefined
          ? ''
          : ` (${event.done === undefined || event.done === 0 ? '' : `${sayBytes(event.done)} of `}${sayBytes(event.total)})`;
      const pace =
        event.total === undefined
          ? ''
          : sayPace(state.runtime?.meter, event.total, (perSecond) => `${sayBytes(perSecond)}/s`);
      line(event.runtime, event.phase, `${event.text}${amount}${pace}`, 'running');
    };
    if (before.runtime?.event.phase !== event.phase || before.runtime.event.text !== event.text) {
      told.set('runtime', { at: state.now, share: 0 });
      say();
    } else {
      seldom('runtime', event.done ?? 0, event.total ?? 0, say);
    }
  };

  const tellEnd = (): void => {
    const summary = summarise(state, artifacts);
    if (summary.warnings.length > 0) {
      write('');
      for (const notice of summary.warnings) line(notice.stage ?? 'ers', 'warning', notice.text, 'warning');
    }
    if (summary.scores !== undefined) {
      const { stage, metrics } = summary.scores;
      write('');
      for (const [name, value] of Object.entries(metrics))
        line(stage, 'score', `${name} ${sayScore(value)}`, 'score');
    }
    for (const path of summary.look) line('look at', '', path, 'why');
    const role = summary.result === 'done' ? 'made' : summary.result === 'failed' ? 'failed' : 'warning';
    write(`ers: ${paint(role, summary.line)}`);
  };

  return (event) => {
    const before = state;
    state = reduce(before, event, now());
    switch (event.type) {
      case 'run-started':
        write(`ers run: ${sayPlanCount(event.stages)}`);
        return;
      case 'runtime':
        tellRuntime(before, event);
        return;
      case 'stage-waiting':
        line(
          event.stage,
          'waiting',
          `${event.holder} is making the same; its result will be used`,
          'running',
        );
        return;
      case 'stage-started':
        told.set(event.stage, { at: state.now, share: 0 });
        line(event.stage, event.resumed ? 'resumed' : 'run', sayWhy(viewOf(state, event.stage)), 'running');
        return;
      case 'stage-event':
        tellStageEvent(event.stage, event.event);
        return;
      case 'stage-output':
        line(event.stage, 'prints', event.line, 'why');
        return;
      case 'stage-finished': {
        const { outcome } = event;
        const word = outcomeWord(outcome);
        line(event.stage, word, sayOutcome(outcome), roleOf(word));
        if (outcome.type === 'failed')
          for (const fault of outcome.faults) for (const text of faultLines(fault)) write(`  ${text}`);
        return;
      }
      case 'notice':
        line(
          'ers',
          event.level === 'warning' ? 'warning' : 'note',
          event.text,
          event.level === 'warning' ? 'warning' : 'why',
        );
        return;
      case 'run-finished':
        tellEnd();
        return;
      default:
        unreachable(event);
    }
  };
}
