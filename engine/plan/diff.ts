import { canonical, byCodeUnit, type Json } from '../../base/canonical.ts';
import { fileChanges, type FileLists } from '../key/file-lists.ts';
import type { KeyCode, KeyInputs } from '../key/key.ts';
import { isLong, type ParamChange, type Reason } from '../reasons.ts';

/** What two keys alone do not say. */
export interface DiffContext {
  /** Source module → digest, of the record and of today. */
  readonly modules: Readonly<Record<'before' | 'after', Readonly<Record<string, string>>>>;
  /** Dep name → `scan:catalog` or a path. */
  readonly sources: Readonly<Record<string, string>>;
  /** Deps that are not known yet, because a stage above will run. */
  readonly unknown: ReadonlySet<string>;
  /** The files of a folder dep; undefined where nobody kept them. */
  readonly manifests: (dep: string) => FileLists | undefined;
}

/** How many files a reason names; `changes` counts them all. */
const namedFiles = 20;

/** Every difference between two keys as reasons: code first, then params, inputs, environment and outs. */
export function diffInputs(before: KeyInputs, after: KeyInputs, context: DiffContext): readonly Reason[] {
  return [
    ...diffCode(before.code, after.code, context),
    ...(before.runtime === after.runtime
      ? []
      : [{ type: 'runtime' as const, before: before.runtime ?? '(none)', after: after.runtime ?? '(none)' }]),
    ...diffParams(before.params, after.params),
    ...diffDeps(before.deps, after.deps, context),
    ...diffEnv(before.env, after.env),
    ...diffOuts(before.outs, after.outs),
  ];
}

function diffCode(before: KeyCode, after: KeyCode, { modules }: DiffContext): readonly Reason[] {
  if (before.type === 'command' || after.type === 'command') {
    if (canonical(before) === canonical(after)) return [];
    const [was, is] = [sayCommand(before), sayCommand(after)];
    if (was !== is) return [{ type: 'command', before: was, after: is }];
    return [{ type: 'command', before: exactCommand(before), after: exactCommand(after) }];
  }
  const bundles = changedNames(before.bundles, after.bundles);
  const changed = bundles.length === 0 ? [] : changedNames(modules.before, modules.after);
  // Bundles can differ although every module is the same, after an update of the bundler.
  const named = changed.length > 0 ? changed : bundles.map((bundle) => `bundle ${bundle}`);
  return [
    ...named.map((module) => ({ type: 'code' as const, module })),
    ...changedNames(before.packages, after.packages).map((name) => ({
      type: 'package' as const,
      name,
      before: before.packages[name] ?? '(none)',
      after: after.packages[name] ?? '(none)',
    })),
    ...(before.node === after.node
      ? []
      : [{ type: 'node' as const, before: before.node, after: after.node }]),
  ];
}

/** On one line: a list as JSON, a text with its line breaks escaped. */
function sayCommand(code: KeyCode): string {
  if (code.type === 'uses') return 'a stage by uses';
  return typeof code.template === 'string'
    ? code.template.trimEnd().replaceAll('\n', '\\n')
    : canonical(code.template);
}

/** For two that differ only in what `sayCommand` leaves out, such as a line break at the end. */
function exactCommand(code: KeyCode): string {
  return code.type === 'uses' ? sayCommand(code) : canonical(code.template);
}

function diffParams(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): readonly Reason[] {
  const leaf = { old: leaves(before), now: leaves(after) };
  const changed = changedNames(leaf.old, leaf.now);
  // Every value is the same where only the list of params changed: `[train]` → `[train.lr]`.
  const [old, now] = changed.length > 0 ? [leaf.old, leaf.now] : [before, after];
  return changedNames(old, now).map((key) => {
    const change = { key, ...sayValues(old[key], now[key]) };
    const inside = isLong(change) ? changesInside(key, old[key], now[key]) : undefined;
    return { type: 'param', ...change, ...(inside === undefined ? {} : { inside }) };
  });
}

/** What changed in a list, down to single values; undefined where one of the two is no list. */
function changesInside(
  key: string,
  before: Json | undefined,
  after: Json | undefined,
): readonly ParamChange[] | undefined {
  if (!isList(before) || !isList(after)) return undefined;
  const [old, now] = [members(before, key), members(after, key)];
  const names = [...old.keys(), ...[...now.keys()].filter((name) => !old.has(name))];
  return names.flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    const same = was !== undefined && is !== undefined && canonical(was) === canonical(is);
    return same ? [] : [{ key: name, ...sayValues(was, is) }];
  });
}

/** `classes`, `[{value: 0}]` → `classes[0].value: 0`. */
function members(value: Json, key: string): ReadonlyMap<string, Json> {
  const below: readonly (readonly [string, Json])[] = isList(value)
    ? value.map((item, index) => [`${key}[${index}]`, item])
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, member]) => [`${key}.${name}`, member])
      : [];
  if (below.length === 0) return new Map([[key, value]]);
  return new Map(below.flatMap(([name, member]) => [...members(member, name)]));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Texts are shown without quotes, except where that would hide the difference (`"5"` → `5`). */
function sayValues(before: Json | undefined, after: Json | undefined): { before: string; after: string } {
  const plain = (value: Json | undefined) =>
    value === undefined ? '(unset)' : typeof value === 'string' ? value : canonical(value);
  const quoted = (value: Json | undefined) => (value === undefined ? '(unset)' : canonical(value));
  const say = plain(before) === plain(after) ? quoted : plain;
  return { before: say(before), after: say(after) };
}

/** `{split: {seed: 1}}` → `{'split.seed': 1}`; lists stay whole. A key of a group that holds a dot itself stands in quotes. */
export function leaves(params: Readonly<Record<string, Json>>, prefix = ''): Readonly<Record<string, Json>> {
  const flat: Record<string, Json> = {};
  for (const [key, value] of Object.entries(params)) {
    const name = `${prefix}${prefix !== '' && key.includes('.') ? JSON.stringify(key) : key}`;
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (inner && Object.keys(value).length > 0) {
      Object.assign(flat, leaves(value as Readonly<Record<string, Json>>, `${name}.`));
    } else flat[name] = value;
  }
  return flat;
}

function diffDeps(
  before: KeyInputs['deps'],
  after: KeyInputs['deps'],
  { sources, unknown, manifests }: DiffContext,
): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const dep of changedNames(before, after)) {
    if (unknown.has(dep)) continue;
    if (before[dep] === undefined) reasons.push({ type: 'dep-added', dep });
    else if (after[dep] === undefined) reasons.push({ type: 'dep-removed', dep });
    else {
      const both = after[dep].kind === 'folder' ? manifests(dep) : undefined;
      const changes = both === undefined ? [] : fileChanges(both.before, both.after);
      reasons.push({
        type: 'dep-changed',
        dep,
        source: sources[dep] ?? dep,
        files: changes.slice(0, namedFiles),
        changes: Math.max(1, changes.length),
      });
    }
  }
  return reasons;
}

function diffEnv(before: KeyInputs['env'], after: KeyInputs['env']): readonly Reason[] {
  return changedNames(before, after).map((name) => ({
    type: 'env',
    name,
    before: before[name] ?? null,
    after: after[name] ?? null,
  }));
}

function diffOuts(before: KeyInputs['outs'], after: KeyInputs['outs']): readonly Reason[] {
  const changed = changedNames(before, after);
  if (changed.length === 0) return [];
  const say = (name: string, outs: KeyInputs['outs']) => {
    const out = outs[name];
    return out === undefined ? [] : [`${name} (${out.path}${out.kind === 'folder' ? '/' : ''})`];
  };
  return [
    {
      type: 'outs',
      added: changed.flatMap((name) => say(name, after)),
      removed: changed.flatMap((name) => say(name, before)),
    },
  ];
}

/** Names whose values differ or that only one side has, sorted. */
function changedNames(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);
  const text = (value: Json | undefined) => (value === undefined ? undefined : canonical(value));
  return names.filter((name) => text(before[name]) !== text(after[name]));
}
