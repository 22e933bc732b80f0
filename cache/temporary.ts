import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { errnoOf } from './errno.ts';
import { describeSelf, isAlive, type Holder } from './holder.ts';
import { namesIn } from './entries.ts';
import { removeWhole } from './remove.ts';

/** `NAME.PLACE-BOOT-PID-START-RANDOM.tmp`; `START` is a number only where the system counts ticks. */
const pattern = /\.([0-9a-f]{8})-([0-9a-f]{8})-([1-9]\d*)-([\w.]+)-[0-9a-f]{8}\.tmp$/;

/**
 * A name beside `path` for what will be renamed to it. It tells its writer, so that what a dead one left can be told
 * from what a live one is about to rename.
 */
export function temporaryFor(path: string): string {
  const { place, boot, pid, start } = markOf(describeSelf(''));
  return `${path}.${place}-${boot}-${pid}-${start}-${randomBytes(4).toString('hex')}.tmp`;
}

/** Whether a name is that of a file or link not yet renamed into place. */
export function isTemporary(name: string): boolean {
  return pattern.test(name);
}

/** Removes from a folder what writers that are known to be dead left there. */
export function sweepTemporaries(folder: string): void {
  for (const path of temporariesOfTheDead(folder)) {
    try {
      removeWhole(path);
    } catch (error) {
      // Another process clears it away too, or this one may not: it is in nobody's way.
      if (errnoOf(error) === undefined) throw error;
    }
  }
}

/** The paths of these. */
export function temporariesOfTheDead(folder: string): readonly string[] {
  const names = namesIn(folder).filter(isTemporary);
  return names.filter(isOfTheDead).map((name) => join(folder, name));
}

function isOfTheDead(name: string): boolean {
  const [, place = '', boot = '', pid = '', start = ''] = pattern.exec(name) ?? [];
  const own = describeSelf('');
  const mark = markOf(own);
  // A writer on another host or in another pid namespace is never judged.
  if (place !== mark.place) return false;
  const bootId = boot === mark.boot ? own.bootId : '';
  return isAlive({ ...own, bootId, pid: Number(pid), startTime: start }, sayStart) === 'dead';
}

function markOf({ host, pidNamespace, bootId, pid, startTime }: Holder) {
  return { place: short(`${host} ${pidNamespace}`), boot: short(bootId), pid, start: sayStart(startTime) };
}

function short(text: string): string {
  return sha256(text).slice(0, 8);
}

/** As it fits into a file's name. */
function sayStart(startTime: string): string {
  return startTime.replaceAll(/[^\w.]+/g, '.');
}
