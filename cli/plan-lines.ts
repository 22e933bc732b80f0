import type { PlannedStage, PlanState } from '../engine/events.ts';
import type { Paint, Role } from '../ui/roles.ts';
import { planWord, sayPlanned } from '../ui/say.ts';

const roles = {
  cached: 'cached',
  recorded: 'cached',
  frozen: 'cached',
  run: 'running',
  maybe: 'warning',
} as const satisfies Record<PlanState, Role>;

/** The plan as `status` and `run --dry` print it: a line a stage, with state and reasons. */
export function planLines(stages: readonly PlannedStage[], paint: Paint): readonly string[] {
  const width = Math.max(8, ...stages.map((planned) => planned.stage.length));
  return stages.map(
    (planned) =>
      `${planned.stage.padEnd(width)}  ${paint(roles[planned.state], planWord(planned).padEnd(9))}  ${sayPlanned(planned)}`,
  );
}
