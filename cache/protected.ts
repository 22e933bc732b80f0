import type { Digest } from '../base/digest.ts';
import { fail, ok, type Result } from '../base/fault.ts';
import { treesOfAttempts } from './in-use.ts';
import { liveRuns, type LiveRun } from './live-runs.ts';
import { projectRoots } from './projects.ts';
import { readRecords } from './records.ts';

/** What nobody may remove from a store now. */
export interface Protection {
  readonly keys: ReadonlySet<Digest>;
  readonly current: ReadonlySet<Digest>;
  readonly pinned: ReadonlySet<Digest>;
  /** Stages of which a project that uses the store keeps every result. */
  readonly wholeStages: ReadonlySet<string>;
  readonly trees: ReadonlySet<Digest>;
  /** A run that stores something this moment, and so may rely on any tree. */
  readonly storing: LiveRun | undefined;
}

/**
 * Asks runs first, then projects, then records: a run makes its results current before it leaves, and writes a record
 * before it says that it has stored. Faults: a project that cannot be read, since nobody knows what it needs.
 */
export function protection(root: string, project: string): Result<Protection> {
  const runs = liveRuns(root);
  const attempts = treesOfAttempts(root);
  const { roots, faults } = projectRoots(root, project);
  if (faults.length > 0) return fail(...faults);
  const current = new Set(roots.flatMap((each) => [...each.current]));
  const pinned = new Set(roots.flatMap((each) => [...each.pinned]));
  const experiments = roots.flatMap((each) => [...each.experiments]);
  const keys = new Set([...current, ...pinned, ...experiments, ...runs.flatMap((run) => run.keys)]);
  const wholeStages = new Set(roots.flatMap((each) => [...each.wholeStages]));
  const trees = new Set(attempts);
  for (const key of keys) {
    for (const { outs } of readRecords(root, key)) {
      for (const { tree } of Object.values(outs)) trees.add(tree);
    }
    for (const { accepted } of roots) for (const tree of accepted.get(key) ?? []) trees.add(tree);
  }
  return ok({ keys, current, pinned, wholeStages, trees, storing: runs.find((run) => run.storing) });
}
