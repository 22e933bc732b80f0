import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { errnoOf } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';
import { isTemporary, temporaryFor } from './temporary.ts';
import { namesIn } from './entries.ts';

/** While `gc` asks what is needed and moves the rest, `collecting/ID` lies there. Returns what takes it away. */
export function startCollecting(root: string, id: string): () => void {
  const file = join(root, 'collecting', id);
  mkdirSync(join(root, 'collecting'), { recursive: true });
  const temporary = temporaryFor(file);
  writeFileSync(temporary, JSON.stringify(describeSelf(id)));
  crashPoint('collecting:written');
  renameSync(temporary, file);
  return () => rmSync(file, { force: true });
}

/**
 * Called by a run after it wrote what it relies on and before it looks at trees: a `gc` that began before has then
 * moved what it moves, one that begins later has read it. Waits some milliseconds at most, save for a `gc` on
 * another host, which may have died: then what is missing is made again.
 */
export function waitForCollecting(root: string, limitMs = 5000): void {
  const end = performance.now() + limitMs;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < end && namesIn(join(root, 'collecting')).some((id) => isAtWork(root, id))) {
    Atomics.wait(cell, 0, 0, 2);
  }
}

function isAtWork(root: string, id: string): boolean {
  if (isTemporary(id)) return false;
  const file = join(root, 'collecting', id);
  try {
    const holder = parseHolder(JSON.parse(readFileSync(file, 'utf8')));
    const live = holder !== undefined && isAlive(holder) !== 'dead';
    if (!live) rmSync(file, { force: true });
    return live;
  } catch (error) {
    // It ended.
    if (!(error instanceof SyntaxError) && errnoOf(error) === undefined) throw error;
    return false;
  }
}
