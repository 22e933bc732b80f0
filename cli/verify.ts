import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../base/digest.ts';
import { namesIn } from '../cache/entries.ts';
import { sizeBelow } from '../cache/inventory.ts';
import { openReaders, type Readers } from '../cache/verify/readers.ts';
import { treesIn, verifyRecords, verifyTrees, type VerifiedTree } from '../cache/verify/verify-store.ts';
import type { Project } from '../engine/index.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { allRecords } from './records.ts';
import { verifyView, type Checked, type VerifyView } from './verify-view.ts';

/** From so many bytes on several threads read: less is read before they have started. */
const threadsFrom = 64e6;
const mostThreads = 4;

/**
 * `ers verify`: reads every stored artifact again, whatever stats say, and moves damaged ones aside. Exit code 1 if there was
 * damage, 130 if it was interrupted.
 */
export function verifyCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const { root, readOnly } = project.store;
    const outs = outsOf(project);
    const trees = treesIn(root);
    const total = trees.reduce((sum, tree) => sum + sizeBelow(join(root, 'trees', tree)).bytes, 0);
    const threads = total < threadsFrom ? 0 : Math.min(mostThreads, availableParallelism());
    const readers = openReaders(join(project.dist, 'reader-worker.mjs'), threads);
    const view = verifyView(options.json === true, io, { total, bytes: () => readers.bytes, readOnly });
    const interrupt = takeSignals(
      () => void readers.close(),
      () => process.exit(exitCodes.interrupted),
    );
    try {
      const told = await verify(project, outs, trees, readers, view);
      await project.store.save();
      if (interrupt.stop.aborted) return exitCodes.interrupted;
      return told.damaged ? exitCodes.failed : exitCodes.ok;
    } finally {
      await readers.close();
      view.close();
      interrupt.dispose();
    }
  });
}

async function verify(
  project: Project,
  outs: ReadonlyMap<Digest, NamedOut>,
  trees: readonly Digest[],
  readers: Readers,
  view: VerifyView,
): Promise<{ readonly damaged: boolean }> {
  const { root, readOnly } = project.store;
  const damaged: Digest[] = [];
  const complete = await verifyTrees(root, trees, readers, (verified) => {
    if (verified.state === 'damaged') damaged.push(verified.tree);
    view.checked(checkedOf(project, verified, outs.get(verified.tree)));
  });
  const there = new Set(trees);
  const aside = namesIn(join(root, 'quarantine'));
  for (const [tree, { stage, out, bytes }] of complete ? outs : []) {
    if (there.has(tree)) continue;
    const state = aside.some((name) => name.startsWith(`${tree}-`)) ? 'quarantined' : 'collected';
    view.checked({ stage, out, state, bytes, files: [] });
  }
  const records = verifyRecords(root, !readOnly);
  view.verified(records, complete);
  return { damaged: damaged.length + records.length > 0 };
}

function checkedOf(project: Project, verified: VerifiedTree, named: NamedOut | undefined): Checked {
  const { stage = '?', out = verified.tree, bytes = 0, current = false } = named ?? {};
  switch (verified.state) {
    case 'intact':
      return { stage, out, state: 'intact', bytes: verified.bytes, files: [] };
    case 'gone':
      return { stage, out, state: 'collected', bytes, files: [] };
    case 'damaged': {
      const moved = project.store.readOnly ? undefined : project.store.quarantine(verified.tree);
      const place = moved === undefined ? {} : { moved };
      return { stage, out, state: 'damaged', bytes, files: verified.files, current, ...place };
    }
  }
}

interface NamedOut {
  readonly stage: string;
  readonly out: string;
  readonly bytes: number;
  /** `artifacts/` shows it. */
  readonly current: boolean;
}

/** Each recorded tree, with one of the outs that it is: a current one if there is one. */
function outsOf(project: Project): ReadonlyMap<Digest, NamedOut> {
  const named = new Map<Digest, NamedOut>();
  for (const { record, stage, current } of allRecords(project)) {
    for (const [out, { tree, bytes }] of Object.entries(record.outs)) {
      if (named.get(tree)?.current !== true) named.set(tree, { stage, out, bytes, current });
    }
  }
  return named;
}
