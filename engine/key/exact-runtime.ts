import { byCodeUnit, canonical, type Json } from '../../base/canonical.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Project } from '../project/project.ts';

/** Device, version, processor, threads: a value each. */
export type ExactRuntime = Readonly<Record<string, Json>>;

/** A fact of the exact runtime, then and now, as text. */
export interface RuntimeChange {
  readonly fact: string;
  readonly before: string;
  readonly after: string;
}

/**
 * In what the native runtime that made a result differs from the one that would make it here and now: device, version,
 * processor, threads. None of it is in a key, yet each can change the last bits. Empty for a result without a runtime,
 * and where nobody knows what would be installed here.
 */
export function runtimeChanges(project: Project, record: StageRecord): readonly RuntimeChange[] {
  const before = record.made['runtime'];
  const name = isObject(record.inputs) ? record.inputs['runtime'] : undefined;
  if (!isObject(before) || typeof name !== 'string') return [];
  const after = project.runtimes[name.split(' ')[0] ?? '']?.fingerprint();
  if (after === undefined || after === null) return [];
  return changesBetween(before, after);
}

/** In what two exact runtimes differ, by the name of the fact. */
export function changesBetween(before: ExactRuntime, after: ExactRuntime): readonly RuntimeChange[] {
  const facts = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);
  return facts.flatMap((fact) => {
    const [was, is] = [before[fact] ?? null, after[fact] ?? null];
    return canonical(was) === canonical(is) ? [] : [{ fact, before: say(was), after: say(is) }];
  });
}

/** `threads 4, variant linux-x64-gpu`, of one of the two sides. */
export function sayFacts(changes: readonly RuntimeChange[], side: 'before' | 'after'): string {
  return changes.map((change) => `${change.fact} ${change[side]}`).join(', ');
}

function say(value: Json): string {
  if (value === null) return '(none)';
  if (Array.isArray(value)) return value.map(say).join(' ');
  return typeof value === 'string' ? value : canonical(value);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
