import { fail, ok, type Fault, type Place, type Result } from '../../base/fault.ts';
import { aboutMissing } from './config-keys.ts';
import { asMapping, follow, insertAt, replaceAt } from './located.ts';
import type { Located } from './located.ts';
import { parseYaml } from './parse-yaml.ts';

/** Characters of an option that a message shows. */
const maxShown = 100;

export interface Overridden {
  readonly tree: Located;
  /** Keys that the file does not have: right only if some stage's schema knows them. */
  readonly added: readonly { readonly path: readonly string[]; readonly option: string }[];
  /** Every key that was set; of a group each key in it. */
  readonly keys: readonly { readonly key: string; readonly place: Place }[];
  readonly faults: readonly Fault[];
}

/**
 * Applies `-S a.b=value` options, in order, to the config. A value is read as YAML: `3`, `text`, `[1, 2]`, `null`.
 * A group that the config leaves to its defaults is begun by an option, if `isKnown` says that a stage's schema has it.
 */
export function override(
  config: Located,
  options: readonly string[],
  isKnown: (key: string) => boolean,
): Overridden {
  let tree = config;
  const added: { path: readonly string[]; option: string }[] = [];
  const keys: { key: string; place: Place }[] = [];
  const faults: Fault[] = [];
  for (const option of options) {
    const read = readOption(option);
    if (!read.ok) {
      faults.push(...read.faults);
      continue;
    }
    const path = read.value.key.split('.');
    const exists = follow(tree, path) !== undefined;
    const isOfSchema = isKnown(path.join('.'));
    const next = (isOfSchema ? insertAt : replaceAt)(tree, path, read.value.value);
    if (next === undefined || (!exists && path.length === 1 && !isOfSchema)) {
      faults.push(unknownOverride(config, path, option));
      continue;
    }
    if (!exists) added.push({ path, option });
    const place = { file: shownOption(option) };
    keys.push(...keysOf(read.value.key, read.value.value).map((key) => ({ key, place })));
    tree = next;
  }
  return { tree, added, keys, faults };
}

/** One `key=value`. Faults: ERS_USAGE, no key or no YAML value; the place is the option itself. */
export function readOption(option: string): Result<{ readonly key: string; readonly value: Located }> {
  const file = shownOption(option);
  const equals = option.indexOf('=');
  if (equals <= 0) return fail(usage(file, 'Expected key=value.', 'For example -S train.batch_size=4.'));
  const text = option.slice(equals + 1);
  if (holdsComment(text)) {
    const message = 'YAML takes what follows a # for a comment, and it would be lost.';
    return fail(usage(file, message, `Quote the text: -S 'key="#fff"'.`));
  }
  const value = parseYaml(text, file);
  if (!value.ok)
    return fail(...value.faults.map((fault) => ({ ...fault, code: 'ERS_USAGE' as const, place: { file } })));
  return ok({ key: option.slice(0, equals).trim(), value: relabel(value.value, file) });
}

/** In a file one sees that what follows a # is a comment; behind an option it is a slip (`colour=#fff`). */
function holdsComment(value: string): boolean {
  return /(^|\s)#/.test(value.replace(/"(?:\\.|[^"\\])*"|'(?:''|[^'])*'/g, '""'));
}

/** The fault of an option whose key neither the config nor a stage knows. */
export function unknownOverride(config: Located, path: readonly string[], option: string): Fault {
  const key = path.join('.');
  return { ...usage(shownOption(option), `The config has no key \`${key}\`.`), ...aboutMissing(config, key) };
}

/** A key, or where its value is a group those of what is in it. */
function keysOf(key: string, value: Located): readonly string[] {
  const members = [...(asMapping(value) ?? [])];
  if (members.length === 0) return [key];
  return members.flatMap(([name, { value: member }]) => keysOf(`${key}.${name}`, member));
}

/** As the place of a fault; what it sets may be long. */
function shownOption(option: string): string {
  return `-S ${option.length > maxShown ? `${option.slice(0, maxShown)}…` : option}`;
}

/** An override has no line: its place is the option itself. */
function relabel(node: Located, file: string): Located {
  const { content } = node;
  const members = asMapping(node);
  if (members !== undefined) {
    return {
      place: { file },
      content: new Map(
        [...members].map(([key, { value }]) => [key, { key: { file }, value: relabel(value, file) }]),
      ),
    };
  }
  if (Array.isArray(content)) {
    return { place: { file }, content: (content as readonly Located[]).map((item) => relabel(item, file)) };
  }
  return { place: { file }, content };
}

function usage(file: string, message: string, hint?: string): Fault {
  return { code: 'ERS_USAGE', message, place: { file }, ...(hint === undefined ? {} : { hint }) };
}
