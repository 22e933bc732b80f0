import type { Job } from './job.ts';

/** Where programs are looked for if the engine's own environment does not say. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * The whole environment of a stage's process, so that nothing undeclared can change a result: a stated base, what
 * the native runtime needs, the declared values, and the GPUs that it was given. `ERS_CHECKPOINT` is a folder that
 * survives a killed attempt, `ERS_CHECKPOINT_EVERY` how many seconds may pass between two savings there, `ERS_LOGS` a
 * folder for what is no result.
 */
export function stageEnvironment(
  from: NodeJS.ProcessEnv,
  declared: readonly string[],
  given: { readonly runtime: Readonly<Record<string, string>>; readonly gpus: readonly string[] | null },
  job: Pick<Job, 'attempt' | 'tmp' | 'checkpoint' | 'checkpointEvery' | 'logs'>,
): Readonly<Record<string, string>> {
  const { attempt, tmp, checkpoint, checkpointEvery, logs } = job;
  const own: Record<string, string> = {};
  const stopAt = from['ERS_TEST_STOP_AT'];
  for (const name of declared) {
    const value = from[name];
    if (value !== undefined) own[name] = value;
  }
  return {
    PATH: from['PATH'] ?? defaultPath,
    HOME: from['HOME'] ?? tmp,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // Python would write __pycache__ beside the modules of an input folder, and so change the input.
    PYTHONDONTWRITEBYTECODE: '1',
    ...given.runtime,
    ...own,
    ...(given.gpus === null ? {} : { CUDA_VISIBLE_DEVICES: given.gpus.join(',') }),
    TMPDIR: tmp,
    ERS_CHECKPOINT: checkpoint,
    ERS_CHECKPOINT_EVERY: String(checkpointEvery),
    ERS_LOGS: logs,
    ERS_ATTEMPT: attempt,
    ...(stopAt === undefined ? {} : { ERS_TEST_STOP_AT: stopAt }),
  };
}
