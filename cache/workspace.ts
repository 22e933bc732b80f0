import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeWhole } from './remove.ts';
import { sweepTemporaries, temporaryFor } from './temporary.ts';

/** A folder of one writer in the store, on the same file system as what it will be renamed to. */
export interface Workspace {
  readonly folder: string;
  /** Removes it with all that is left in it. */
  close(): void;
}

/** Opens one in `incoming/`, and clears away those whose writer is known to be dead. */
export function openWorkspace(root: string): Workspace {
  const incoming = join(root, 'incoming');
  mkdirSync(incoming, { recursive: true });
  sweepTemporaries(incoming);
  const folder = temporaryFor(join(incoming, 'outs'));
  mkdirSync(folder);
  return { folder, close: () => removeWhole(folder) };
}
