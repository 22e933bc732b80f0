import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbsence } from './errno.ts';
import { endGroup } from './program.ts';
import { ownerState, pidOf, tokenOf, type OwnerToken } from './owner.ts';

const prefix = '.installing-';
/** Leftovers of other machines and containers cannot be judged; a day is longer than any installation. */
const foreignAge = 24 * 3600 * 1000;

/** A folder of this process beside the installed runtimes, so that publishing is one rename. */
export interface Staging {
  readonly dir: string;
  /** Where `runProgram` notes the program that works here. */
  readonly note: string;
  drop(): void;
}

export function openStaging(base: string): Staging {
  const dir = join(base, `${prefix}${ownToken()}-${randomBytes(3).toString('hex')}`);
  mkdirSync(dir);
  return { dir, note: join(dir, 'program'), drop: () => remove(dir) };
}

/** Removes what interrupted installations left, and ends a pip or compiler that outlived its ers. Returns how many. */
export function removeLeftovers(base: string): number {
  let removed = 0;
  for (const name of readdirSync(base)) {
    if (!name.startsWith(prefix)) continue;
    const dir = join(base, name);
    const state = ownerState(name.slice(prefix.length, name.lastIndexOf('-')));
    if (state === 'alive') continue;
    if (state === 'elsewhere' && Date.now() - (modified(dir) ?? 0) < foreignAge) continue;
    const program = readText(join(dir, 'program'));
    if (program !== undefined && ownerState(program) === 'alive') endGroup(pidOf(program));
    remove(dir);
    removed += 1;
  }
  return removed;
}

export interface Lock {
  release(): void;
}

/**
 * Waits until no other process here installs `name`. Saves double work, no more: an installation is right without it,
 * so a lock of a dead or unknown process is simply taken.
 */
export async function takeLock(
  base: string,
  name: string,
  staging: Staging,
  waiting: (pid: number) => void,
  signal: AbortSignal,
): Promise<Lock> {
  const file = join(base, `.lock-${name}`);
  const mine = join(staging.dir, 'lock');
  const token = ownToken();
  writeFileSync(mine, token);
  let said = false;
  for (;;) {
    signal.throwIfAborted();
    try {
      linkSync(mine, file);
      return {
        release: () => {
          if (readText(file) === token) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = readText(file);
    if (holder === undefined) continue;
    if (ownerState(holder) !== 'alive') {
      rmSync(file, { force: true });
      continue;
    }
    if (!said) waiting(pidOf(holder));
    said = true;
    await sleep(200, undefined, { signal });
  }
}

function ownToken(): OwnerToken {
  const token = tokenOf(process.pid);
  if (token === undefined) throw new Error('Internal error: this process does not see itself');
  return token;
}

function remove(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
