import type { Json } from '../../base/canonical.ts';
import type { Place } from '../../base/fault.ts';

type Scalar = string | number | boolean | null;

/** A YAML value that remembers where it stands, so that any later check can point at it. */
export interface Located {
  readonly place: Place;
  readonly content: Scalar | readonly Located[] | Mapping;
  /** Where in the file the nth occurrence (from 0) of `token` inside this text stands. */
  readonly within?: (token: string, occurrence: number) => Place;
}

export type Mapping = ReadonlyMap<string, Member>;

export interface Member {
  readonly key: Place;
  readonly value: Located;
}

export function asMapping(node: Located | undefined): Mapping | undefined {
  return node?.content instanceof Map ? node.content : undefined;
}

export function asList(node: Located | undefined): readonly Located[] | undefined {
  return Array.isArray(node?.content) ? (node.content as readonly Located[]) : undefined;
}

/** Follows keys, and indices of lists, from `node` down; undefined where there is nothing. */
export function follow(node: Located, path: readonly string[]): Member | undefined {
  let member: Member = { key: node.place, value: node };
  for (const step of path) {
    const item = asList(member.value)?.[/^\d+$/.test(step) ? Number(step) : -1];
    const next =
      asMapping(member.value)?.get(step) ??
      (item === undefined ? undefined : { key: item.place, value: item });
    if (next === undefined) return undefined;
    member = next;
  }
  return member;
}

/** Follows as much of `path` as there is. */
export function nearest(node: Located, path: readonly string[]): Member {
  for (let length = path.length; length > 0; length -= 1) {
    const found = follow(node, path.slice(0, length));
    if (found !== undefined) return found;
  }
  return { key: node.place, value: node };
}

/** How many values there are in it, itself included. */
export function countValues({ content }: Located): number {
  const inner: readonly Located[] = Array.isArray(content)
    ? (content as readonly Located[])
    : content instanceof Map
      ? [...(content as Mapping).values()].map(({ value }) => value)
      : [];
  return inner.reduce((sum, node) => sum + countValues(node), 1);
}

/** The value without its places: mutable, so that a validator can fill in defaults. */
export function toJson(node: Located): Json {
  const { content } = node;
  if (content instanceof Map) {
    const members: Mapping = content;
    return Object.fromEntries([...members].map(([key, member]) => [key, toJson(member.value)]));
  }
  if (Array.isArray(content)) return (content as readonly Located[]).map(toJson);
  return content as Scalar;
}

/**
 * A copy with the value at `path` replaced, or added when only its last step is new; undefined when `path` leads nowhere.
 * `key` is where the key stands, if not beside the value.
 */
export function replaceAt(
  node: Located,
  path: readonly string[],
  value: Located,
  key: Place = value.place,
): Located | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const list = asList(node);
  if (list !== undefined) {
    const index = /^\d+$/.test(step) ? Number(step) : -1;
    const item = list[index];
    const replaced = item === undefined ? undefined : replaceAt(item, rest, value, key);
    return replaced === undefined ? undefined : { place: node.place, content: list.with(index, replaced) };
  }
  const members = asMapping(node);
  if (members === undefined) return undefined;
  const member = members.get(step);
  if (member === undefined && rest.length > 0) return undefined;
  const replaced = member === undefined ? value : replaceAt(member.value, rest, value, key);
  if (replaced === undefined) return undefined;
  const own = rest.length === 0 ? key : (member?.key ?? key);
  return { place: node.place, content: new Map([...members, [step, { key: own, value: replaced }]]) };
}

/** `replaceAt` that makes the mappings on its way; undefined where something else than a mapping stands there. */
export function insertAt(
  node: Located,
  path: readonly string[],
  value: Located,
  key: Place = value.place,
): Located | undefined {
  const first = path.findIndex((_, index) => follow(node, path.slice(0, index + 1)) === undefined);
  const depth = first === -1 ? path.length : first + 1;
  const { place } = value;
  const inner = path
    .slice(depth)
    .reduceRight<Located>(
      (below, step) => ({ place, content: new Map([[step, { key, value: below }]]) }),
      value,
    );
  return replaceAt(node, path.slice(0, depth), inner, key);
}

/** A copy without the value at `path`. */
export function without(node: Located, path: readonly string[]): Located {
  const [step, ...rest] = path;
  const members = asMapping(node);
  const member = step === undefined ? undefined : members?.get(step);
  if (step === undefined || members === undefined || member === undefined) return node;
  const content = new Map(members);
  if (rest.length === 0) content.delete(step);
  else content.set(step, { key: member.key, value: without(member.value, rest) });
  return { place: node.place, content };
}
