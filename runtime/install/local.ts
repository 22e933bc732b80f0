import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '../../base/fault.ts';
import type { Wheel } from '../pins.ts';
import { hashFile } from './hash.ts';

/**
 * The wheels of a variant among local files: `path` is the one wheel's file, or a folder that holds all of them.
 * A file is known by its content, so it may have another name.
 * Throws `FaultError` ERS_RUNTIME_FETCH.
 */
export async function localWheels(
  wheels: readonly Wheel[],
  path: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new FaultError({
      code: 'ERS_RUNTIME_FETCH',
      message: 'There is no such file or folder; expected a wheel of TensorFlow.',
      place: { file: path },
      hint: `Expected: ${wheels.map((wheel) => wheel.file).join(', ')}.`,
    });
  }
  const files = stat.isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.whl'))
        .map((name) => join(path, name))
    : [path];
  const byHash = new Map<string, string>();
  for (const file of files) {
    const { size } = statSync(file);
    if (wheels.some((wheel) => wheel.bytes === size)) byHash.set(await hashFile(file, signal), file);
  }
  const missing = wheels.filter((wheel) => !byHash.has(wheel.sha256));
  if (missing.length > 0) {
    throw new FaultError(
      ...missing.map((wheel) => ({
        code: 'ERS_RUNTIME_FETCH' as const,
        message: `${wheel.file} with sha256 ${wheel.sha256} (${wheel.bytes} bytes) is not here.`,
        place: { file: path },
        hint: 'A wheel of another version, another Python or another platform cannot be used: only the pinned file.',
      })),
    );
  }
  return wheels.flatMap((wheel) => byHash.get(wheel.sha256) ?? []);
}
