import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { isDigest, type Digest } from '../base/digest.ts';
import { ok, type Result } from '../base/fault.ts';
import { startCollecting } from './collecting.ts';
import { choose, type Cap, type Choice } from './choose.ts';
import { namesIn } from './entries.ts';
import { isExisting, isMissing } from './errno.ts';
import { takeInventory } from './inventory.ts';
import type { LiveRun } from './live-runs.ts';
import { moveFolder } from './move-folder.ts';
import { closeTrash, openTrash, trashOfTheDead } from './trash.ts';
import { protection, type Protection } from './protected.ts';

/** What a project asks of `collect`. */
export interface GcRequest extends Cap {
  /** Folder of the project that asks. */
  readonly project: string;
  /** Only say what would go. */
  readonly dry: boolean;
}

/** How a collection came out. */
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
  const id = randomUUID();
  const trash = openTrash(root, id);
  const moved = moveAway(root, request.project, choice.trees, { id, trash });
  crashPoint('gc:asked');
  closeTrash(trash);
  if (!moved.ok) return moved;
  const { spared, storing } = moved.value;
  return ok(
    storing === undefined ? { type: 'removed', choice, spared } : { type: 'busy', choice, run: storing },
  );
}

/**
 * Asks again what is needed while no run can begin to rely on more, and renames the rest into the trash. Then it asks
 * once more, for a run that did not wait, and puts back what that one needs.
 */
function moveAway(
  root: string,
  project: string,
  trees: readonly Digest[],
  { id, trash }: { readonly id: string; readonly trash: string },
): Result<{ readonly spared: number; readonly storing: LiveRun | undefined }> {
  const end = startCollecting(root, id);
  try {
    crashPoint('gc:begun');
    const before = protection(root, project);
    if (!before.ok) return before;
    if (before.value.storing !== undefined) return ok({ spared: 0, storing: before.value.storing });
    const chosen = trees.filter((tree) => !before.value.trees.has(tree));
    for (const tree of chosen) move(join(root, 'trees', tree), join(trash, tree));
    crashPoint('gc:moved');
    const after = protection(root, project);
    const storing = after.ok ? after.value.storing : undefined;
    const back = chosen.filter((tree) => !after.ok || storing !== undefined || after.value.trees.has(tree));
    for (const tree of back) move(join(trash, tree), join(root, 'trees', tree));
    return after.ok ? ok({ spared: trees.length - chosen.length + back.length, storing }) : after;
  } finally {
    end();
  }
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
    moveFolder(from, to);
  } catch (error) {
    if (!isMissing(error) && !isExisting(error)) throw error;
  }
}
