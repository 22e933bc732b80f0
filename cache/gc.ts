import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { isDigest } from '../base/digest.ts';
import { ok, type Result } from '../base/fault.ts';
import { choose, type Cap, type Choice } from './choose.ts';
import { isExisting, isMissing } from './errno.ts';
import { namesIn, takeInventory } from './inventory.ts';
import type { LiveRun } from './live-runs.ts';
import { closeTrash, openTrash, trashOfTheDead } from './trash.ts';
import { protection, type Protection } from './protected.ts';

export interface GcRequest extends Cap {
  /** Folder of the project that asks. */
  readonly project: string;
  /** Only say what would go. */
  readonly dry: boolean;
}

export type Gc =
  | { readonly type: 'chosen'; readonly choice: Choice }
  /** `spared`: how many of the chosen trees a run or project came to need meanwhile; they are back. */
  | { readonly type: 'removed'; readonly choice: Choice; readonly spared: number }
  /** A run was storing something; nothing was removed. */
  | { readonly type: 'busy'; readonly choice: Choice; readonly run: LiveRun };

/**
 * Removes trees that nobody needs and that the cap does not keep; their records stay. A tree is renamed into `trash/`
 * first; then runs and projects are asked again, and what one of them needs by now goes back.
 * Faults: a project that cannot be asked; then nothing is removed.
 */
export function collect(root: string, request: GcRequest): Result<Gc> {
  const before = protection(root, request.project);
  if (!before.ok) return before;
  if (!request.dry) emptyOldTrash(root, before.value);
  const choice = choose(takeInventory(root), before.value, request);
  if (request.dry) return ok({ type: 'chosen', choice });
  if (choice.trees.length === 0) return ok({ type: 'removed', choice, spared: 0 });
  if (before.value.storing !== undefined) return ok({ type: 'busy', choice, run: before.value.storing });
  const trash = openTrash(root, randomUUID());
  for (const tree of choice.trees) move(join(root, 'trees', tree), join(trash, tree));
  crashPoint('gc:moved');
  const after = protection(root, request.project);
  const storing = after.ok ? after.value.storing : undefined;
  const keepAll = !after.ok || storing !== undefined;
  const spared = choice.trees.filter((tree) => keepAll || after.value.trees.has(tree));
  for (const tree of spared) move(join(trash, tree), join(root, 'trees', tree));
  crashPoint('gc:asked');
  closeTrash(trash);
  if (!after.ok) return after;
  if (storing !== undefined) return ok({ type: 'busy', choice, run: storing });
  return ok({ type: 'removed', choice, spared: spared.length });
}

/** What a `gc` that died had moved: back with what is needed, away with the rest. */
function emptyOldTrash(root: string, { trees, storing }: Protection): void {
  for (const trash of trashOfTheDead(root)) {
    for (const tree of namesIn(trash).filter(isDigest)) {
      if (storing !== undefined || trees.has(tree)) move(join(trash, tree), join(root, 'trees', tree));
    }
    closeTrash(trash);
  }
}

/** Nothing happens if another process was quicker, or made the same tree meanwhile. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isMissing(error) && !isExisting(error)) throw error;
  }
}
