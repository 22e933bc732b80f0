import { ensureRuntime } from '../../runtime/install/ensure.ts';

/** The first test on a fresh machine fetches TensorFlow: give it to hooks as their limit. */
export const installLimit = 600_000;

/** Folder of the user's real runtime, installed now if it is missing. Use in `beforeAll` with `installLimit`. */
export async function installedRuntime(): Promise<string> {
  const result = await ensureRuntime({ emit: () => undefined, signal: AbortSignal.timeout(installLimit) });
  if (!result.ok)
    throw new Error(result.faults.map((fault) => `${fault.message} ${fault.hint ?? ''}`).join('\n'));
  return result.value.dir;
}
