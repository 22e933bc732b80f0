import type { Digest } from '../base/digest.ts';
import type { Inventory, StoredKey, StoredTree } from './inventory.ts';

/** What one result takes up. A tree that several results have is counted at the first of them, under `bytes`. */
interface ResultUse {
  readonly key: Digest;
  /** ISO time at which it was made. */
  readonly at: string;
  /** ms since 1970. */
  readonly used: number;
  readonly current: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Bytes of it that are counted at another result. */
  readonly shared: number;
  /** Of `bytes`: what `gc` would free. */
  readonly removable: number;
}

/** The sums over a stage's results. */
export interface StageUse {
  readonly stage: string;
  readonly files: number;
  readonly bytes: number;
  /** Of `bytes`: what is current in the project that asks. */
  readonly current: number;
  readonly shared: number;
  readonly removable: number;
  /** Those with bytes, the current ones first, then by last use. */
  readonly results: readonly ResultUse[];
}

export interface UsageQuestion {
  readonly current: ReadonlySet<Digest>;
  /** Trees that `gc` would remove. */
  readonly removable: ReadonlySet<Digest>;
  /** Stages in the order in which they are to be told; others follow. */
  readonly order: readonly string[];
}

/** Trees that no result has are under `(no record)`. */
export function usageOf({ keys, trees }: Inventory, question: UsageQuestion): readonly StageUse[] {
  const { current, removable, order } = question;
  const left = new Map(trees);
  const rank = (key: StoredKey): number => (current.has(key.key) ? 0 : 1);
  const ordered = keys.toSorted((a, b) => rank(a) - rank(b) || b.used - a.used);
  const stages = new Map<string, ResultUse[]>(
    order.filter((stage) => keys.some((key) => key.stage === stage)).map((stage) => [stage, []]),
  );
  const measure = (own: readonly Digest[]) => {
    const first = own.flatMap((tree) => {
      const size = left.get(tree);
      left.delete(tree);
      return size === undefined ? [] : [{ tree, ...size }];
    });
    const all = sum(own.flatMap((tree) => trees.get(tree) ?? []));
    const { files, bytes } = sum(first);
    const freed = sum(first.filter(({ tree }) => removable.has(tree)));
    return { files, bytes, shared: all.bytes - bytes, removable: freed.bytes };
  };
  for (const { key, stage, at, used, trees: own } of ordered) {
    const results = stages.get(stage) ?? [];
    stages.set(stage, results);
    if (own.length > 0) results.push({ key, at, used, current: current.has(key), ...measure(own) });
  }
  const uses = [...stages].map(([stage, results]) => stageUse(stage, results));
  const orphans = measure([...left.keys()]);
  return orphans.files === 0
    ? uses
    : [...uses, { stage: '(no record)', ...orphans, current: 0, results: [] }];
}

function stageUse(stage: string, results: readonly ResultUse[]): StageUse {
  const total = (of: (use: ResultUse) => number): number => results.reduce((all, use) => all + of(use), 0);
  return {
    stage,
    files: total(({ files }) => files),
    bytes: total(({ bytes }) => bytes),
    current: total((use) => (use.current ? use.bytes : 0)),
    shared: total(({ shared }) => shared),
    removable: total(({ removable }) => removable),
    results,
  };
}

function sum(sizes: readonly StoredTree[]): StoredTree {
  return sizes.reduce((all, { files, bytes }) => ({ files: all.files + files, bytes: all.bytes + bytes }), {
    files: 0,
    bytes: 0,
  });
}
