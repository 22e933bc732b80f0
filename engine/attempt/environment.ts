import type { AttemptFolder } from './folder.ts';

/** Where programs are looked for if the engine's own environment does not say. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * The whole environment of a stage's process, so that nothing undeclared can change a result: a stated base, what
 * the native runtime needs, the declared values, and the GPUs that it was given. `ERS_CHECKPOINT` is a folder that survives a killed attempt.
 */
export function stageEnvironment(
  from: NodeJS.ProcessEnv,
  declared: readonly string[],
  given: { readonly runtime: Readonly<Record<string, string>>; readonly gpus: readonly string[] | null },
  attempt: { readonly id: string; readonly folder: AttemptFolder },
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const name of declared) {
    const value = from[name];
    if (value !== undefined) own[name] = value;
  }
  return {
    PATH: from['PATH'] ?? defaultPath,
    HOME: from['HOME'] ?? attempt.folder.tmp,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // Python would write __pycache__ beside the modules of an input folder, and so change the input.
    PYTHONDONTWRITEBYTECODE: '1',
    ...given.runtime,
    ...own,
    ...(given.gpus === null ? {} : { CUDA_VISIBLE_DEVICES: given.gpus.join(',') }),
    TMPDIR: attempt.folder.tmp,
    ERS_CHECKPOINT: attempt.folder.checkpoint,
    ERS_ATTEMPT: attempt.id,
  };
}
