import { oneLine } from '../base/one-line.ts';
import { unreachable } from '../base/unreachable.ts';
import type { EngineEvent, PlannedStage, PlanState, StageOutcome } from '../engine/events.ts';
import { sayReason, type Reason } from '../engine/reasons.ts';
import { printable } from './printable.ts';
import { plural, sayScore, saySeconds } from './units.ts';

/** Characters of a line of 80 behind a stage's name of 8 and its word. */
const textColumns = 59;

/** So many of them a command takes from the reasons before it. A longer one makes the line longer, not the reasons fewer. */
const commandColumns = 20;

/** The command that tells all about a stage of the plan that is shown: `npx ers why train --config other.yaml`. */
export type WhyLine = (stage: string) => string;

/** Width of the column of stages: a name that is longer makes its own line longer, not all others. */
export function nameColumn(stages: readonly { readonly stage: string }[], least = 8): number {
  return Math.min(24, Math.max(least, ...stages.map(({ stage }) => stage.length)));
}

export type StageEvent = Extract<EngineEvent, { readonly type: 'stage-event' }>['event'];
export type Notice = Pick<Extract<EngineEvent, { readonly type: 'notice' }>, 'level' | 'text'>;

/** The sentence of a stage whose key has a record: nothing that could change its result changed. */
const unchanged = 'same parameters, code and inputs';

/** The sentence of a stage whose former result is put back. */
const earlier = 'an earlier result has the same parameters, code and inputs';

/**
 * Reasons as one line, as many as fit it and at least one: `schedule.T_max 50 → 60 … and 3 more (npx ers why train)`.
 * `command` tells those that are left out. A stage without a reason is unchanged.
 */
export function sayReasons(reasons: readonly Reason[], command?: string): string {
  if (reasons.length === 0) return unchanged;
  const where = command === undefined ? '' : ` (${command})`;
  const beyond = Math.max(0, (command ?? '').length - commandColumns);
  const phrases = phrasesOf(reasons);
  const lines = phrases.map((_, at) => {
    const said = phrases.slice(0, at + 1);
    const left = reasons.length - said.reduce((sum, { of }) => sum + of, 0);
    const text = said.map((phrase) => phrase.text).join(', ');
    if (left === 0) return { line: text, room: textColumns };
    // A phrase about many files ends in an ellipsis of its own.
    return {
      line: `${text.replace(/ …$/, '')} … and ${left} more${where}`,
      room: textColumns + beyond,
    };
  });
  return (lines.findLast(({ line, room }) => line.length <= room) ?? lines[0])?.line ?? '';
}

/** A phrase a reason; the stages above that will run are one. */
function phrasesOf(reasons: readonly Reason[]): readonly { readonly text: string; readonly of: number }[] {
  const above = reasons.filter(({ type }) => type === 'upstream');
  const [first] = above;
  const rest = reasons
    .filter(({ type }) => type !== 'upstream')
    .map((each) => ({ text: sayReason(each), of: 1 }));
  if (first?.type !== 'upstream') return rest;
  const others = above.length - 1;
  const text =
    others === 0 ? sayReason(first) : `depends on what ${first.stage} and ${plural(others, 'other')} make`;
  return [{ text, of: above.length }, ...rest];
}

/** A planned stage as the plan's line says it. */
export function sayPlanned(planned: PlannedStage, why: WhyLine): string {
  const [fault] = planned.faults ?? [];
  if (fault !== undefined) return printable(oneLine(fault.message));
  const command = why(planned.stage);
  switch (planned.state) {
    case 'cached':
      if (planned.accepted !== undefined) return sayAccepted(planned.accepted);
      if (planned.restored === true) return earlier;
      return sayReasons(planned.reasons, command);
    case 'recorded':
      return planned.reasons.length === 0
        ? 'its bytes were collected; made again only if something needs them'
        : sayReasons(planned.reasons, command);
    case 'frozen':
      return sayFrozen(planned.reasons, command);
    case 'run':
    case 'maybe':
      return [sayReasons(planned.reasons, command), ...sayProgress(planned)].join('; ');
    default:
      return unreachable(planned.state);
  }
}

/** Who is at a stage now, and what an earlier attempt left of it. */
export function sayProgress({ holder, checkpoint }: PlannedStage): readonly string[] {
  return [
    ...(holder === undefined ? [] : [`${holder} is at it now`]),
    ...(checkpoint === true ? ['will go on from its checkpoint'] : []),
  ];
}

/** For whom a stage waits, and what to do if that one is gone. */
export function sayWaiting({
  holder,
  twin,
  advice,
}: Pick<Extract<EngineEvent, { readonly type: 'stage-waiting' }>, 'holder' | 'twin' | 'advice'>): string {
  if (twin !== undefined) return `for ${twin}, which makes the same`;
  return `made by ${holder}${advice === undefined ? '' : ` (${advice})`}`;
}

/** `attempt 2 of 3, since train ended with exit code 1`: the first line of what went wrong. */
export function sayRetry({
  attempt,
  of,
  faults,
}: Extract<EngineEvent, { readonly type: 'stage-retrying' }>): string {
  const [first = ''] = (faults[0]?.message ?? '').split('\n');
  return `attempt ${attempt} of ${of}, since ${first.replace(/[.:]$/, '')}`;
}

/** One word for what came of a stage; the second column of every list. */
export function outcomeWord(outcome: StageOutcome): StageOutcome['type'] | 'restored' | 'frozen' {
  if (outcome.type === 'cached' && outcome.frozen !== undefined) return 'frozen';
  return outcome.type === 'cached' && outcome.restored ? 'restored' : outcome.type;
}

/** One word for what is planned, as `outcomeWord` will say it. */
export function planWord({ state, restored, faults }: PlannedStage): PlanState | 'restored' | 'blocked' {
  if (faults !== undefined) return 'blocked';
  return restored === true ? 'restored' : state;
}

/** What came of a stage and why, without the word itself. */
export function sayOutcome(outcome: StageOutcome): string {
  switch (outcome.type) {
    case 'made':
      return withMetrics(
        `in ${saySeconds(outcome.seconds)}${outcome.same ? ', the same bytes as before' : ''}`,
        outcome.metrics,
      );
    case 'cached':
      return withMetrics(
        `${sayCached(outcome)}${outcome.collected === true ? '; its bytes were collected' : ''}`,
        outcome.metrics,
      );
    case 'failed':
      return `after ${saySeconds(outcome.seconds)}`;
    case 'stopped':
      return outcome.checkpoint
        ? `after ${saySeconds(outcome.seconds)}; the next ers run goes on from its checkpoint`
        : `after ${saySeconds(outcome.seconds)}; the next ers run starts it anew`;
    case 'skipped':
      return outcome.because === 'interrupted' ? 'the run was stopped' : `because of ${outcome.because}`;
    default:
      return unreachable(outcome);
  }
}

/** What a frozen stage passes over. */
function sayFrozen(reasons: readonly Reason[], command?: string): string {
  if (reasons.length === 0) return 'its last result stands, and nothing that it reads has changed';
  return `its last result stands, although ${sayReasons(reasons, command)}`;
}

function sayCached(outcome: Extract<StageOutcome, { readonly type: 'cached' }>): string {
  const { because, restored, frozen, accepted, just } = outcome;
  if (frozen !== undefined) return sayFrozen(frozen);
  if (just !== undefined) {
    return just.by === 'stage'
      ? `same result as ${just.stage}, made in this run`
      : 'another run has just made it';
  }
  if (because.length > 0) return `${because.join(' and ')} made the same bytes again`;
  if (accepted !== undefined) return sayAccepted(accepted);
  return restored ? earlier : unchanged;
}

/** A result that the user kept, when, and what had changed. */
function sayAccepted({ when, reasons }: NonNullable<PlannedStage['accepted']>): string {
  return `accepted ${when.slice(0, 16).replace('T', ' ')} UTC although ${reasons.join(', ')}`;
}

/** `text; test_iou 0.7123, …`: at most three headline numbers, as many as fit the line; the rest only counted. */
function withMetrics(text: string, metrics: Readonly<Record<string, number>>): string {
  const all = headline(metrics);
  const lines = all.slice(0, 3).map((_, at) => {
    const said = all.slice(0, at + 1).map(([name, value]) => `${name} ${sayScore(value)}`);
    const left = all.length - said.length;
    return `${text}; ${said.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  });
  const alone = all.slice(0, 1).map(([name, value]) => `${text}; ${name} ${sayScore(value)}`);
  return [text, ...alone, ...lines].findLast((line) => line.length <= textColumns) ?? text;
}

/**
 * Metrics worth a line: those of the test set first, then the others in their order. Numbers inside groups
 * (`per_period.6.iou`) and the file's own version are left to the report.
 */
export function headline(metrics: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return headlineFirst(Object.entries(metrics), ([name]) => name);
}

/** Of anything that has the name of a metric those that are worth a line, in that order. */
export function headlineFirst<T>(all: readonly T[], metricOf: (each: T) => string): readonly T[] {
  const plain = all.filter((each) => !metricOf(each).includes('.') && metricOf(each) !== 'version');
  const isTest = (each: T): boolean => metricOf(each).startsWith('test');
  return [...plain.filter(isTest), ...plain.filter((each) => !isTest(each))];
}

/** `6 stages: 3 cached, 1 to run, 2 that may follow`. */
export function sayPlanCount(stages: readonly PlannedStage[]): string {
  const count = (...states: readonly PlanState[]): number =>
    stages.filter(({ state, faults }) => faults === undefined && states.includes(state)).length;
  const parts = [
    [stages.filter(({ faults }) => faults !== undefined).length, 'blocked'],
    [count('cached', 'recorded'), 'cached'],
    [count('frozen'), 'frozen'],
    [count('run'), 'to run'],
    [count('maybe'), 'that may follow'],
  ] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  return `${plural(stages.length, 'stage')}${said.length > 0 ? `: ${said.join(', ')}` : ''}`;
}
