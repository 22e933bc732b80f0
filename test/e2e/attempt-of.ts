import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { orphansOf } from '../../cache/orphans.ts';
import { attemptFolder, type AttemptFolder } from '../../engine/attempt/folder.ts';
import type { StageEvent } from '../../engine/stage.ts';
import type { Project, Running } from './project.ts';

/** How often it is looked whether something has come about, ms. */
const lookMs = 5;

/** One making of a stage, in a run that is at work. */
export interface Attempt {
  readonly id: string;
  readonly folder: AttemptFolder;
  readonly running: Running;
}

/** Resolves when the stage has started; rejects if the run ends before. */
export async function attemptOf(project: Project, running: Running, stage: string): Promise<Attempt> {
  const started = await running.until((event) => event.type === 'stage-started' && event.stage === stage);
  const id = started.type === 'stage-started' ? started.attempt : '';
  return { id, folder: attemptFolder(project.path('.ers', 'attempts'), id), running };
}

/** Ends the stage's process, and what it started, as a power cut would; a run is told of it in time. */
export function killStage({ id }: Attempt): void {
  for (const pid of orphansOf(id)) process.kill(pid, 'SIGKILL');
}

/** Resolves when the stage itself has written an event that `wanted` accepts; the run tells it later. */
export function written(attempt: Attempt, wanted: (event: StageEvent) => boolean): Promise<void> {
  const { events } = attempt.folder;
  return comesAbout(attempt, () => existsSync(events) && eventsIn(readFileSync(events, 'utf8')).some(wanted));
}

/** Resolves when the stage has begun to write a checkpoint. */
export function saving(attempt: Attempt): Promise<void> {
  return comesAbout(attempt, () => hasDraft(attempt));
}

/** Whether the attempt has a checkpoint that is not whole. */
function hasDraft({ folder }: Attempt): boolean {
  return existsSync(folder.tmp) && readdirSync(folder.tmp).some((name) => name.includes('draft'));
}

/** The last line may be half there. */
function eventsIn(text: string): readonly StageEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as StageEvent);
}

async function comesAbout({ running }: Attempt, isSo: () => boolean): Promise<void> {
  const over = running.ended.then(() => 'over' as const);
  while (!isSo()) {
    if ((await Promise.race([pause(lookMs), over])) !== 'over') continue;
    throw new Error(`the run ended before it came about:\n${(await running.ended).out}`);
  }
}
