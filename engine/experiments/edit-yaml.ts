import { isMap, isScalar, isSeq, parseDocument, type Document, type Node, type YAMLMap } from 'yaml';
import { canonical, type Json } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { insertAt, toJson, type Located } from '../definition/located.ts';
import { parseYaml } from '../definition/parse-yaml.ts';
import { flowText } from './flow-text.ts';

/**
 * The text of a YAML file with other values at dotted keys: each value is replaced where it stands, or added at the end of
 * its group, and nothing else of the text changes. `file` is its name in messages. Faults: ERS_YAML, the text is no YAML;
 * ERS_USAGE, a key leads through something that is no group, or its value belongs to several keys.
 */
export function editYaml(
  text: string,
  changes: Readonly<Record<string, Json>>,
  file: string,
): Result<string> {
  let edited = text;
  for (const [key, value] of Object.entries(changes)) {
    const wanted = withValue(edited, key, value, file);
    if (!wanted.ok) return wanted;
    const next = replaceIn(edited, key.split('.'), value);
    const got = next === undefined ? undefined : parseYaml(next, file);
    if (next === undefined || got?.ok !== true || canonical(toJson(got.value)) !== canonical(wanted.value)) {
      return fail(
        notThere(key, file, 'its value is shared with other keys by an anchor, or written in an unusual way'),
      );
    }
    edited = next;
  }
  return ok(edited);
}

/** What the file must mean afterwards. */
function withValue(text: string, key: string, value: Json, file: string): Result<Json> {
  const parsed = parseYaml(text, file);
  if (!parsed.ok) return parsed;
  const { content, place } = parsed.value;
  const tree: Located = content === null ? { place, content: new Map() } : parsed.value;
  const changed = insertAt(tree, key.split('.'), locate(value, tree));
  return changed === undefined
    ? fail(notThere(key, file, 'something else than a group stands on its way'))
    : ok(toJson(changed));
}

function locate(value: Json, { place }: Located): Located {
  if (value === null || typeof value !== 'object') return { place, content: value };
  if (isList(value)) return { place, content: value.map((item) => locate(item, { place, content: null })) };
  const members = Object.entries(value).map(
    ([key, member]) => [key, { key: place, value: locate(member, { place, content: null }) }] as const,
  );
  return { place, content: new Map(members) };
}

/** Undefined where there is no place for it. */
function replaceIn(text: string, path: readonly string[], value: Json): string | undefined {
  const document = parseDocument(text);
  let group: Node | null = document.contents;
  for (const [depth, step] of path.entries()) {
    const inner = memberOf(group, step);
    if (inner === undefined) {
      const rest = path.slice(depth + 1).reduceRight<Json>((below, name) => ({ [name]: below }), value);
      return addTo(text, document, group, step, rest);
    }
    group = inner;
  }
  const [start, end] = group?.range ?? [];
  if (start === undefined || end === undefined) return undefined;
  const before = text.slice(0, start);
  // `key:` without a value; a block ends with its line.
  const gap = start === end && !/\s$/.test(before) ? ' ' : '';
  const tail = text.slice(start, end).endsWith('\n') ? '\n' : '';
  return `${before}${gap}${flowText(value)}${tail}${text.slice(end)}`;
}

function memberOf(group: Node | null, step: string): Node | null | undefined {
  if (isSeq(group))
    return /^\d+$/.test(step) ? ((group.items[Number(step)] as Node | undefined) ?? undefined) : undefined;
  if (!isMap(group)) return undefined;
  const pair = group.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  return pair === undefined ? undefined : (pair.value as Node | null);
}

/** A new member at the end of a group: behind the last one in braces, else on a line of its own. */
function addTo(
  text: string,
  document: Document.Parsed,
  group: Node | null,
  key: string,
  value: Json,
): string | undefined {
  const member = `${flowText(key)}: ${flowText(value)}`;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (group === null && group === document.contents) {
    return `${text === '' || text.endsWith('\n') ? text : `${text}${eol}`}${member}${eol}`;
  }
  if (!isMap(group) || group.range == null) return undefined;
  const last = endOfLast(group);
  if (group.flow === true) {
    const at = last ?? group.range[0] + 1;
    return `${text.slice(0, at)}${last === undefined ? ` ${member} ` : `, ${member}`}${text.slice(at)}`;
  }
  if (last === undefined) return undefined;
  const indent = group.range[0] - (text.lastIndexOf('\n', group.range[0] - 1) + 1);
  const from = text[last - 1] === '\n' ? last - 1 : last;
  const line = text.indexOf('\n', from);
  const at = line === -1 ? text.length : line - (text[line - 1] === '\r' ? 1 : 0);
  return `${text.slice(0, at)}${eol}${' '.repeat(indent)}${member}${text.slice(at)}`;
}

function endOfLast(group: YAMLMap): number | undefined {
  const pair = group.items.at(-1);
  const node = (pair?.value ?? pair?.key) as Node | null | undefined;
  return node?.range?.[1];
}

function notThere(key: string, file: string, why: string): Fault {
  return {
    code: 'ERS_USAGE',
    message: `\`${key}\` cannot be set: ${why}.`,
    place: { file },
    hint: 'Set it by hand; ers exp show NAME prints the value.',
  };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
