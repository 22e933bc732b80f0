import { orphansOf } from '../../cache/orphans.ts';
import { attemptFolder, type AttemptFolder } from '../../engine/attempt/folder.ts';
import { comesAbout } from '../comes-about.ts';
import { isAskedToEnd, isStopped, send } from '../stopped.ts';
import type { Project, Running } from './project.ts';

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
  for (const pid of orphansOf(id)) send(pid, 'SIGKILL');
}

/** Resolves when the stage stands still, as `ERS_TEST_STOP_AT` in the run's environment makes it; rejects if the run ends before. */
export function standsStill(attempt: Attempt): Promise<void> {
  return comesAbout(() => orphansOf(attempt.id).some(isStopped), saidBy(attempt));
}

/** Lets a stage that stands still go on when it has been asked to end, or was ended for not having listened so long. */
export async function goOnWhenAsked(attempt: Attempt): Promise<void> {
  await comesAbout(() => orphansOf(attempt.id).every(isAskedToEnd), saidBy(attempt));
  for (const pid of orphansOf(attempt.id)) send(pid, 'SIGCONT');
}

function saidBy({ running }: Attempt): Promise<string> {
  return running.ended.then(({ out }) => out);
}
