import { createHash } from 'node:crypto';
import { copyFile, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { crashPoint } from '../../base/crash-point.ts';
import { sha256, type Digest } from '../../base/digest.ts';
import { FaultError } from '../../base/fault.ts';
import {
  asFloats,
  floats,
  readSafetensors,
  writeSafetensors,
  type SafeTensor,
} from '../../formats/safetensors.ts';
import type { State } from '../../nn/trainer/state-program.ts';
import type { Environment } from './environment.ts';
import type { Best, Progress } from './progress.ts';

const stateFile = 'state.safetensors';

export interface Checkpoint {
  readonly progress: Progress;
  /** All that the trainer holds, by the graph's names and in its layout. */
  readonly state: State;
  readonly environment: Environment;
}

export type Found =
  | { readonly status: 'none' }
  /** It cannot be trusted; training starts anew. */
  | { readonly status: 'unusable'; readonly why: string }
  | { readonly status: 'loaded'; readonly checkpoint: Checkpoint };

/**
 * Writes everything that the next step depends on, whole or not at all: the previous checkpoint stays until the new one
 * is complete and on the disk. `identity` names the run that it belongs to.
 */
export async function saveCheckpoint(
  dir: string,
  identity: Digest,
  { progress, state, environment }: Checkpoint,
): Promise<void> {
  const tensors = new Map([...state].map(([name, values]) => [name, floats([values.length], values)]));
  const about = JSON.stringify({ identity, progress, environment });
  const metadata = { about, digest: digestOf(about, tensors) };
  await writeWhole(dir, stateFile, (path) => writeSafetensors(path, { tensors, metadata }));
  await removeOthers(dir, progress.best);
  crashPoint('save:ended');
}

/** Reads the checkpoint and checks its digest, and that of the best weights that it names. */
export async function loadCheckpoint(dir: string, identity: Digest): Promise<Found> {
  if (!(await readdir(dir)).includes(stateFile)) return { status: 'none' };
  const file = await readSafetensors(join(dir, stateFile), `checkpoint/${stateFile}`);
  if (!file.ok) return { status: 'unusable', why: 'it cannot be read' };
  const { tensors, metadata } = file.value;
  const about = metadata['about'] ?? '';
  if (metadata['digest'] !== digestOf(about, tensors)) {
    return { status: 'unusable', why: 'its content does not match its digest' };
  }
  // Trusted from here: the digest says that this program wrote it.
  const saved = JSON.parse(about) as Omit<Checkpoint, 'state'> & { readonly identity: Digest };
  if (saved.identity !== identity)
    return { status: 'unusable', why: 'it belongs to other parameters or data' };
  if (!(await isIntact(dir, saved.progress.best))) {
    return { status: 'unusable', why: 'the best weights beside it are missing or damaged' };
  }
  const state = new Map([...tensors].map(([name, tensor]) => [name, asFloats(tensor)]));
  return {
    status: 'loaded',
    checkpoint: { progress: saved.progress, environment: saved.environment, state },
  };
}

/** Keeps the best weights so far in smp's format; the next `saveCheckpoint` makes them count. */
export async function saveBest(
  dir: string,
  { epoch, valIou }: Pick<Best, 'epoch' | 'valIou'>,
  tensors: ReadonlyMap<string, SafeTensor>,
): Promise<Best> {
  const file = `best-${String(epoch).padStart(4, '0')}.safetensors`;
  await writeWhole(dir, file, (path) => writeSafetensors(path, { tensors, metadata: { format: 'pt' } }));
  return { epoch, valIou, file, digest: sha256(await readFile(join(dir, file))) };
}

export async function copyBest(dir: string, best: Best, to: string): Promise<void> {
  await copyFile(join(dir, best.file), to);
}

async function isIntact(dir: string, best: Best | null): Promise<boolean> {
  if (best === null) return true;
  if (!(await readdir(dir)).includes(best.file)) return false;
  return sha256(await readFile(join(dir, best.file))) === best.digest;
}

/** Under a passing name first; the rename makes it visible. A full disk leaves what was there before. */
async function writeWhole(dir: string, name: string, write: (path: string) => Promise<void>): Promise<void> {
  const draft = join(dir, `${name}.draft`);
  try {
    crashPoint('save:begun');
    await write(draft);
    crashPoint('save:written');
    await rename(draft, join(dir, name));
    crashPoint('save:there');
    await syncFolder(dir);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw new FaultError({
        code: 'ERS_DISK_FULL',
        message: 'The disk is full: the checkpoint could not be saved; the previous one is kept.',
        hint: 'Free some space and run again: training goes on from the previous checkpoint.',
      });
    }
    throw error;
  }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Drops best weights that are no longer the best, and drafts of a process that was killed. */
async function removeOthers(dir: string, best: Best | null): Promise<void> {
  const kept = new Set([stateFile, best?.file]);
  for (const name of await readdir(dir)) if (!kept.has(name)) await rm(join(dir, name), { force: true });
}

function digestOf(about: string, tensors: ReadonlyMap<string, SafeTensor>): Digest {
  const hash = createHash('sha256').update(about);
  for (const [name, { bytes }] of [...tensors].sort(([a], [b]) => byCodeUnit(a, b))) {
    hash.update(`\n${name} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex') as Digest;
}
