import type { Role } from './roles.ts';
import { headline, outcomeWord, sayReasons, type WhyLine } from './say.ts';
import type { StageView, UiNotice, UiState } from './state.ts';
import { plural, sayScore, saySeconds } from './units.ts';

/** Stage → paths of its artifacts worth a look, relative to where the user stands. */
export type Artifacts = Readonly<Record<string, readonly string[]>>;

/** The end of a run, for every renderer alike. */
export interface Summary {
  readonly result: 'done' | 'failed' | 'stopped';
  /** `in 2 min 51 s: 6 stages, 2 made, 4 cached`. */
  readonly line: string;
  /** The last stage that measured something, in the demo the test scores; of a matrix each of its members. */
  readonly scores: readonly Scores[];
  readonly look: readonly string[];
  readonly warnings: readonly UiNotice[];
  /** Stages that failed; their faults were told when it happened. */
  readonly failed: readonly string[];
}

/** The numbers of one stage that are worth a line. */
export interface Scores {
  readonly stage: string;
  readonly metrics: readonly (readonly [string, number])[];
}

export function summarise(state: UiState, artifacts: Artifacts): Summary {
  const failed = state.stages.flatMap(({ stage, outcome }) => (outcome?.type === 'failed' ? [stage] : []));
  const stopped =
    state.stages.some((view) => view.outcome?.type === 'stopped') || state.finished?.exitCode === 130;
  const code = state.finished?.exitCode ?? 0;
  const result = stopped ? 'stopped' : failed.length > 0 || code !== 0 ? 'failed' : 'done';
  const current = state.stages.filter((view) => isCurrent(view));
  const last = current.at(-1);
  return {
    result,
    line: sayEnd(result, state),
    // The scores of one of several experiments would say nothing of the others.
    scores: state.experiments.length > 1 ? [] : lastScores(current),
    look: result === 'done' && last !== undefined ? (artifacts[last.stage] ?? []) : [],
    warnings: state.notices.filter((notice) => notice.level === 'warning'),
    failed,
  };
}

/** The first of them on one line, as where each member of a matrix has one. */
export function sayFew({ metrics }: Scores): string {
  return metrics
    .slice(0, 3)
    .map(([name, value]) => `${name} ${sayScore(value)}`)
    .join(', ');
}

function lastScores(views: readonly StageView[]): readonly Scores[] {
  const scored = views.flatMap(({ stage, metrics }) => {
    const worthy = headline(metrics);
    return worthy.length === 0 ? [] : [{ stage, metrics: worthy }];
  });
  // The members of a matrix are `train@seed-1`, `train@seed-2`.
  const matrixOf = (stage: string): string => stage.split('@')[0] ?? stage;
  return scored.filter(({ stage }) => matrixOf(stage) === matrixOf(scored.at(-1)?.stage ?? ''));
}

function isCurrent(view: StageView): boolean {
  return view.outcome?.type === 'made' || view.outcome?.type === 'cached';
}

/** The order in which outcomes are counted in the last line. */
const words = ['made', 'cached', 'restored', 'frozen', 'failed', 'stopped', 'skipped'] as const;

function sayEnd(result: Summary['result'], state: UiState): string {
  const outcomes = state.stages.flatMap((view) =>
    view.outcome === undefined ? [] : [outcomeWord(view.outcome)],
  );
  const counted = words.flatMap((word) => {
    const many = outcomes.filter((outcome) => outcome === word).length;
    return many > 0 ? [`${many} ${word}`] : [];
  });
  const seconds = state.finished?.seconds ?? (state.now - state.startedAt) / 1000;
  const what = counted.length > 0 ? `: ${plural(outcomes.length, 'stage')}, ${counted.join(', ')}` : '';
  const next =
    result === 'stopped'
      ? `. ${state.experiments.length > 0 ? 'The same command' : 'The next ers run'} goes on from here`
      : '';
  return `in ${saySeconds(seconds)}${what}${next}`;
}

/** How a result is coloured. */
export const resultRoles = {
  done: 'made',
  failed: 'failed',
  stopped: 'warning',
} as const satisfies Record<Summary['result'], Role>;

/** Why a stage runs, with the reasons the engine gave when it started. */
export function sayWhy(view: StageView, why: WhyLine): string {
  return `${sayReasons(view.reasons, why(view.stage))}${view.resumed ? '; goes on from its checkpoint' : ''}`;
}
