import { writeFileSync } from 'node:fs';
import { jsonText, readIfThere } from '../../cache/state-file.ts';
import { describeSelf } from '../../cache/holder.ts';
import { parseJson } from '../../base/parse-json.ts';
import type { AttemptFolder } from './folder.ts';

/** Writes down the number of the process group in which an attempt's program has started. */
export function noteGroup(folder: AttemptFolder, group: number): void {
  const { bootId, pidNamespace } = describeSelf('');
  writeFileSync(folder.group, jsonText({ group, bootId, pidNamespace }));
}

/**
 * The group's number, as far as it means anything here: after a boot, or in another pid namespace, it may be that of a
 * stranger, who must not be ended.
 */
export function groupOf(folder: AttemptFolder): { readonly group?: number } {
  const value = parseJson(readIfThere(folder.group) ?? '');
  if (typeof value !== 'object' || value === null) return {};
  const { group, bootId, pidNamespace } = value as Readonly<Record<string, unknown>>;
  const here = describeSelf('');
  if (bootId !== here.bootId || pidNamespace !== here.pidNamespace) return {};
  return typeof group === 'number' && Number.isSafeInteger(group) && group > 1 ? { group } : {};
}
