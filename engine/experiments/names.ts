import { canonical, type Json } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { fold } from '../definition/fold.ts';
import type { Overrides } from './sweep.ts';

/** What `exp diff` and the table call the plain result. */
export const currentName = 'current';

/** Longer names are cut, with a digest instead of the rest. */
const maxLength = 80;

/** Each key by as many of its last steps as tell it from all others: `lr`, but `split.seed` beside `train.seed`. */
export function shortKeys(keys: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(keys)];
  const endings = new Map<string, number>();
  const endingsOf = (key: string): readonly string[] => {
    const steps = key.split('.');
    return steps.map((_, from) => steps.slice(steps.length - 1 - from).join('.'));
  };
  for (const ending of all.flatMap(endingsOf)) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return new Map(all.map((key) => [key, endingsOf(key).find((ending) => endings.get(ending) === 1) ?? key]));
}

/**
 * A readable name from overrides: `lr-0.001`, `lr-0.001_batch_size-4`; `baseline` without any. `known` are the config keys
 * among which a key has to be told from others. Equal overrides give equal names, and a value that cannot be written with
 * the letters of a file name is told by a digest too. Longer than `longest` it is cut.
 */
export function nameOf(overrides: Overrides, known: Iterable<string>, longest = maxLength): string {
  const keys = shortKeys([...known, ...Object.keys(overrides)]);
  const parts = Object.entries(overrides).map(
    ([key, value]) => `${keys.get(key) ?? key}-${sayInName(value)}`,
  );
  const name = parts.length === 0 ? 'baseline' : parts.join('_').replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return name.length <= longest ? name : distinctName(name, overrides, longest);
}

/** A name that is taken, made another by a digest of what it stands for. */
export function distinctName(name: string, standsFor: Json, longest = maxLength): string {
  return `${name.slice(0, longest - 7)}-${sha256(canonical(standsFor)).slice(0, 6)}`;
}

/** Checks a name that the user gives. Faults: ERS_USAGE. */
export function checkName(name: string): Result<string> {
  const fault = (message: string): Fault => ({
    code: 'ERS_USAGE',
    message,
    hint: `Take letters, digits, dots, dashes and underscores, at most ${maxLength}, with a letter or digit first.`,
  });
  if (fold(name) === currentName) return fail(fault('The name `current` stands for the plain result.'));
  const isRight = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name.length <= maxLength;
  return isRight ? ok(name) : fail(fault(`\`${name}\` cannot be the name of an experiment.`));
}

/** Numbers and words as they are, lists with dashes, anything else with a digest. */
function sayInName(value: Json): string {
  if (typeof value === 'string') return isWord(value) ? value : inexact(value, value);
  if (value === null || typeof value !== 'object') return String(value);
  if (!Array.isArray(value)) return inexact(Object.keys(value).join('-'), value);
  const items = value as readonly Json[];
  const isPlain = items.length > 0 && items.every((item) => typeof item === 'number');
  return isPlain ? items.join('-') : inexact(items.map((item) => sayPart(item)).join('-'), value);
}

/** A text that stands for itself and could be no number, truth value or null. */
function isWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9._-]{0,39}$/.test(text) && !/^(true|false|null)$/i.test(text);
}

function sayPart(value: Json): string {
  return typeof value === 'object' ? canonical(value) : String(value);
}

function inexact(text: string, value: Json): string {
  const letters = text
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24);
  const digest = sha256(canonical(value)).slice(0, 4);
  return letters === '' ? digest : `${letters}-${digest}`;
}
