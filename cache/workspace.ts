import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, isMissing } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';

/** A folder of one writer in the store, on the same file system as what it will be renamed to. */
export interface Workspace {
  readonly folder: string;
  /** Removes it with all that is left in it. */
  close(): void;
}

const holderFile = 'holder.json';

/** Opens one in `incoming/`, and clears away those whose writer is known to be dead. */
export function openWorkspace(root: string): Workspace {
  const incoming = join(root, 'incoming');
  mkdirSync(incoming, { recursive: true });
  for (const name of readdirSync(incoming)) sweep(join(incoming, name));
  const id = randomUUID();
  const folder = join(incoming, id);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, holderFile), JSON.stringify(describeSelf(id)));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Without a holder that can be read, nobody is known to be dead: the folder stays for `gc`. */
function sweep(folder: string): void {
  let holder;
  try {
    holder = parseHolder(JSON.parse(readFileSync(join(folder, holderFile), 'utf8')));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || errnoOf(error) !== undefined) return;
    throw error;
  }
  if (holder !== undefined && isAlive(holder) === 'dead') rmSync(folder, { recursive: true, force: true });
}
