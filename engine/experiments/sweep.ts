import { byCodeUnit, canonical, type Json } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { toJson } from '../definition/located.ts';
import { readOption } from '../definition/overrides.ts';
import { splitList } from './split-list.ts';

/** Dotted config key → its other value, sorted by key. A parent group comes before what is in it. */
export type Overrides = Readonly<Record<string, Json>>;

/** One combination of the values that `-S` options give. */
export interface Combination {
  readonly overrides: Overrides;
  /** The same as options with one value each, in the order in which they apply. */
  readonly set: readonly string[];
}

/** More are a slip of the pen rather than a plan. */
const maxMembers = 1000;

/**
 * The product of all `-S key=value,value` options, the last one varying fastest; combinations that come to the same
 * overrides stand once. Of several options for one key, or for a group and what is in it, the later one counts.
 * Faults: ERS_USAGE, all of them.
 */
export function readSweep(options: readonly string[]): Result<readonly Combination[]> {
  const faults: Fault[] = [];
  const axes = options.flatMap((option) => {
    const values = readAxis(option);
    if (values.ok) return [values.value];
    faults.push(...values.faults);
    return [];
  });
  if (faults.length > 0) return fail(...faults);
  const size = axes.reduce((product, values) => product * values.length, 1);
  if (size > maxMembers) {
    const message = `The lists of -S make ${size} experiments: at most ${maxMembers} run at once.`;
    return fail({ code: 'ERS_USAGE', message, hint: 'Give shorter lists, or start several runs.' });
  }
  const product = axes.reduce<readonly (readonly Choice[])[]>(
    (before, values) => before.flatMap((chosen) => values.map((value) => [...chosen, value])),
    [[]],
  );
  const distinct = new Map(
    product.map((chosen) => combine(chosen)).map((made) => [canonical(made.overrides), made]),
  );
  return ok([...distinct.values()]);
}

/** Overrides as `-S` options: JSON is YAML. */
export function asOptions(overrides: Overrides): readonly string[] {
  return Object.entries(overrides).map(([key, value]) => `${key}=${canonical(value)}`);
}

interface Choice {
  readonly key: string;
  readonly value: Json;
  readonly option: string;
}

function readAxis(option: string): Result<readonly Choice[]> {
  const equals = option.indexOf('=');
  const key = option.slice(0, Math.max(0, equals));
  const texts = equals < 0 ? [''] : splitList(option.slice(equals + 1));
  const choices: Choice[] = [];
  const faults: Fault[] = [];
  for (const text of texts) {
    if (texts.length > 1 && text === '') {
      faults.push(emptyValue(option));
      continue;
    }
    // As it was typed, where it is no list.
    const single = texts.length > 1 ? `${key}=${text}` : option;
    const read = readOption(single);
    if (read.ok) choices.push({ key: read.value.key, value: toJson(read.value.value), option: single });
    else faults.push(...read.faults);
  }
  return faults.length > 0 ? fail(...faults) : ok(choices);
}

function emptyValue(option: string): Fault {
  return {
    code: 'ERS_USAGE',
    message: 'A value of the list is empty.',
    place: { file: `-S ${option}` },
    hint: 'Write null if that is meant; a text that holds a comma is quoted: -S \'key="a,b"\'.',
  };
}

function combine(chosen: readonly Choice[]): Combination {
  const left: Choice[] = [];
  for (const choice of chosen) {
    const stays = left.filter(({ key }) => key !== choice.key && !key.startsWith(`${choice.key}.`));
    left.splice(0, left.length, ...stays, choice);
  }
  const sorted = left.toSorted((a, b) => byCodeUnit(a.key, b.key));
  return {
    overrides: Object.fromEntries(sorted.map(({ key, value }) => [key, value])),
    set: left.map(({ option }) => option),
  };
}
