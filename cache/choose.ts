import { byCodeUnit } from '../base/canonical.ts';
import type { Digest } from '../base/digest.ts';
import type { Inventory, StoredKey } from './inventory.ts';
import type { Protection } from './protected.ts';

/** How much of what nobody needs may stay. */
export interface Cap {
  /** Bytes of all kept trees together; what is protected is kept beyond it. */
  readonly maxBytes: number;
  /** ms since the last use. */
  readonly maxAge: number;
  /** ms since 1970. */
  readonly now: number;
  /** Stages of which the asking project says what is to be kept; of the others the cap decides. */
  readonly keep: ReadonlyMap<string, KeptResults>;
}

/** Which results of a stage stay beside those that are needed. */
type KeptResults = 'all' | 'last' | 'none';

/** What `gc` does with a stage's results. */
export interface StageChoice {
  readonly stage: string;
  readonly kept: { readonly results: number; readonly bytes: number };
  readonly removed: { readonly results: number; readonly bytes: number };
}

/** What a collection would remove, and what stays. */
export interface Choice {
  /** Trees to remove, sorted. */
  readonly trees: readonly Digest[];
  readonly bytes: number;
  readonly keptBytes: number;
  readonly stages: readonly StageChoice[];
}

/**
 * Keeps what is protected and what `keep` names, whatever the cap; then of the stages that state no `keep` the results
 * used last, as long as they were used recently enough and fit below the cap: from the first that does not fit on, all
 * that were used before it go. Trees of no record go.
 */
export function choose({ keys, trees }: Inventory, protection: Protection, cap: Cap): Choice {
  const newest = newestOf(keys);
  /** Undefined: the cap decides. */
  const isKept = ({ key, stage }: StoredKey): boolean | undefined => {
    const matrix = matrixOf(stage);
    if (protection.keys.has(key) || [stage, matrix].some((name) => protection.wholeStages.has(name)))
      return true;
    const kept = cap.keep.get(stage) ?? cap.keep.get(matrix);
    return kept === undefined ? undefined : kept === 'all' || (kept === 'last' && newest.get(stage) === key);
  };
  const stated = keys.filter((each) => isKept(each) === true).flatMap((each) => each.trees);
  const kept = new Set([...protection.trees, ...stated].filter((tree) => trees.has(tree)));
  const sizeOf = (tree: Digest): number => trees.get(tree)?.bytes ?? 0;
  let keptBytes = sum(kept, sizeOf);
  let full = false;
  const capped = keys.filter((each) => isKept(each) === undefined);
  for (const { used, trees: own } of capped.sort((a, b) => b.used - a.used)) {
    const fresh = own.filter((tree) => !kept.has(tree));
    const bytes = sum(fresh, sizeOf);
    full ||= cap.now - used > cap.maxAge || keptBytes + bytes > cap.maxBytes;
    if (full) continue;
    for (const tree of fresh) kept.add(tree);
    keptBytes += bytes;
  }
  const removed = [...trees.keys()].filter((tree) => !kept.has(tree)).toSorted();
  return {
    ...{ trees: removed, keptBytes, bytes: sum(removed, sizeOf) },
    stages: byStage(keys, [...trees.keys()], kept, sizeOf),
  };
}

/** Members that a matrix has no longer, `train@lr-0.1`, go by what is said of the matrix, `train`. */
function matrixOf(stage: string): string {
  return stage.replace(/@.*/s, '');
}

/** Stage → the key whose record was made last. */
function newestOf(keys: readonly StoredKey[]): ReadonlyMap<string, Digest> {
  const ordered = keys.toSorted((a, b) => byCodeUnit(a.at, b.at) || a.used - b.used);
  return new Map(ordered.map(({ stage, key }) => [stage, key]));
}

/** Each tree is counted at the newest result that has it; those of none under `(no record)`. */
function byStage(
  keys: readonly StoredKey[],
  trees: readonly Digest[],
  kept: ReadonlySet<Digest>,
  sizeOf: (tree: Digest) => number,
): readonly StageChoice[] {
  const left = new Set(trees);
  const stages = new Map<string, { kept: Tally; removed: Tally }>();
  const count = (stage: string, own: readonly Digest[]): void => {
    const choice = stages.get(stage) ?? { kept: { results: 0, bytes: 0 }, removed: { results: 0, bytes: 0 } };
    stages.set(stage, choice);
    const goes = own.some((tree) => !kept.has(tree));
    if (own.length > 0) choice[goes ? 'removed' : 'kept'].results += 1;
    for (const tree of own) {
      if (left.delete(tree)) choice[kept.has(tree) ? 'kept' : 'removed'].bytes += sizeOf(tree);
    }
  };
  for (const { stage, trees: own } of [...keys].sort((a, b) => b.used - a.used)) count(stage, own);
  for (const tree of [...left]) count('(no record)', [tree]);
  return [...stages].map(([stage, choice]) => ({ stage, ...choice }));
}

interface Tally {
  results: number;
  bytes: number;
}

function sum(trees: Iterable<Digest>, sizeOf: (tree: Digest) => number): number {
  let bytes = 0;
  for (const tree of trees) bytes += sizeOf(tree);
  return bytes;
}
