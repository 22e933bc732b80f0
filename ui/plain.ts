import type { EngineEvent } from '../engine/events.ts';
import { faultLines } from './fault-lines.ts';
import { plainLine, type PlainLine } from './plain-lines.ts';
import { noPaint, type Paint, type Role } from './roles.ts';
import { nameColumn, sayPlanCount, type WhyLine } from './say.ts';
import { Seldom } from './seldom.ts';
import { reduce, startState, type UiState } from './state.ts';
import { resultRoles, sayFew, summarise, type Artifacts } from './summary.ts';
import { plural, sayScore } from './units.ts';

export interface PlainOptions {
  /** Writes one line; gets no newline. */
  readonly write: (line: string) => void;
  /** Milliseconds; only for rates and for how often progress is told. */
  readonly now: () => number;
  readonly artifacts: Artifacts;
  readonly why: WhyLine;
  readonly paint?: Paint;
}

/**
 * The reader of events for logs and pipes: one line for each thing that happened, `stage  word  why`,
 * nothing ever redrawn.
 */
export function plainPrinter(options: PlainOptions): (event: EngineEvent) => void {
  const { write, now, artifacts, why, paint = noPaint } = options;
  const seldom = new Seldom();
  let state = startState(now());

  const tell = (stage: string, word: string, text: string, role: Role): void => {
    write(columns(state, stage, word, text, (padded) => paint(role, padded)));
  };
  const tellEnd = (): void => {
    const { scores, look, warnings, result, line } = summarise(state, artifacts);
    for (const notice of warnings) tell(notice.stage ?? 'ers', 'warning', notice.text, 'warning');
    for (const each of scores) {
      const all = each.metrics.map(([name, value]) => `${name} ${sayScore(value)}`);
      // Of several members each has one line.
      for (const text of scores.length === 1 ? all : [sayFew(each)]) tell(each.stage, 'score', text, 'score');
    }
    for (const path of look) tell('ers', 'look at', path, 'why');
    tell('ers', result, line, resultRoles[result]);
  };

  return (event) => {
    const before = state;
    state = reduce(before, event, now());
    if (event.type === 'run-started')
      write(`ers run: ${sayExperiments(event.experiments)}${sayPlanCount(event.stages)}`);
    if (event.type === 'run-finished') tellEnd();
    const line = plainLine(event, state, why);
    if (line === undefined || !isDue(seldom, line, before, state)) return;
    tell(line.stage, line.word, line.text, line.role);
    if (event.type === 'stage-finished' && event.outcome.type === 'failed') {
      for (const text of event.outcome.faults.flatMap(faultLines)) write(`  ${text}`);
    }
  };
}

/** Lines with progress wait their turn, except where a phase of the runtime begins; any other line starts the wait anew. */
function isDue(seldom: Seldom, line: PlainLine, before: UiState, state: UiState): boolean {
  const share = line.progress === undefined ? 0 : line.progress.done / Math.max(1, line.progress.total);
  const begins = line.word === state.runtime?.event.phase && before.runtime?.event.phase !== line.word;
  if (line.progress !== undefined && !begins) return seldom.isTime(line.stage, share, state.now);
  if (line.word === 'run' || line.word === 'resumed' || begins) seldom.said(line.stage, share, state.now);
  return true;
}

function columns(
  state: UiState,
  stage: string,
  word: string,
  text: string,
  colour: (padded: string) => string,
): string {
  return `${stage.padEnd(nameColumn(state.stages))}  ${colour(word.padEnd(9))}  ${text}`.trimEnd();
}

/** `2 experiments, `; one is named. */
function sayExperiments(names: readonly string[] | undefined): string {
  if (names === undefined) return '';
  return names.length === 1 ? `experiment ${names.join('')}, ` : `${plural(names.length, 'experiment')}, `;
}
