import { canonical } from '../../base/canonical.ts';
import { parseJson } from '../../base/parse-json.ts';
import { jsonText, readIfThere, writeWhole } from '../../cache/state-file.ts';
import { changesBetween, type ExactRuntime, type RuntimeChange } from '../key/exact-runtime.ts';
import type { AttemptFolder } from './folder.ts';

/** Writes down that a checkpoint is made with this runtime, and with those of the checkpoint that it goes on from. */
export function noteRuntimes(
  folder: Pick<AttemptFolder, 'runtimes'>,
  own: ExactRuntime,
  from?: Pick<AttemptFolder, 'runtimes'>,
): void {
  const earlier = (from === undefined ? [] : runtimesOf(from)).filter(
    (runtime) => canonical(runtime) !== canonical(own),
  );
  writeWhole(folder.runtimes, jsonText([...earlier, own]));
}

/** In what the first runtime that had a hand in a checkpoint and is another than this one differs from it; empty where all are this one. */
export function otherThan(
  folder: Pick<AttemptFolder, 'runtimes'>,
  own: ExactRuntime,
): readonly RuntimeChange[] {
  const runtimes = runtimesOf(folder);
  // Nobody wrote down which: it may be any.
  const known = runtimes.length > 0 ? runtimes : [{}];
  return known.map((runtime) => changesBetween(runtime, own)).find((changes) => changes.length > 0) ?? [];
}

/** Oldest first. */
function runtimesOf({ runtimes }: Pick<AttemptFolder, 'runtimes'>): readonly ExactRuntime[] {
  // Written by this program, whole or not at all.
  return (parseJson(readIfThere(runtimes) ?? '') ?? []) as readonly ExactRuntime[];
}
