import { join } from 'node:path';
import type { Fault } from '../../base/fault.ts';
import type { Job, JobResult } from './job.ts';
import { sayValue } from '../../base/say-value.ts';
import type { UserSources } from '../built-stage.ts';
import type { StageContext } from '../stage.ts';
import { sayFrame, type Stacks } from '../user-stage/stack.ts';

/** A bundle of a user's file; its definition was checked when it was built. */
export interface UserModule {
  readonly default: { readonly run: (context: StageContext<Job['params']>) => unknown };
}

/** Runs a stage of the user. What it throws flies on. */
export async function runUserStage(
  job: Job,
  module: UserModule,
  context: StageContext<Job['params']>,
  { file }: UserSources,
): Promise<JobResult> {
  const said: unknown = await module.default.run(context);
  if (said === undefined) return { status: 'done' };
  const status = typeof said === 'object' && said !== null && 'status' in said ? said.status : undefined;
  if (status === 'done' || status === 'stopped') return { status };
  const fault: Fault = {
    code: 'ERS_STAGE_FAILED',
    message: `${job.stage} returned ${typeof said === 'function' ? 'a function' : sayValue(said)}; expected nothing.`,
    place: { file },
    hint: "Write results to context.outs and return nothing, or { status: 'stopped' } once context.signal was aborted.",
  };
  return { status: 'failed', faults: [fault] };
}

/** Where a stage of the user threw, and through which of its functions it came there. */
export function whereItThrew(
  error: unknown,
  stacks: Stacks,
  { folder }: UserSources,
): Pick<Fault, 'place'> & { readonly trail: string } {
  const frames = error instanceof Error ? stacks.frames(error.stack ?? '') : [];
  const [first, ...more] = frames;
  if (first === undefined) return { trail: '' };
  const shown = more.map(
    (frame) => `\n    called at ${sayFrame({ ...frame, file: join(folder, frame.file) })}`,
  );
  return {
    place: { file: join(folder, first.file), line: first.line, column: first.column },
    trail: shown.join(''),
  };
}
