import { createHash } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { crashPoint } from '../../base/crash-point.ts';
import type { Digest } from '../../base/digest.ts';
import { FaultError } from '../../base/fault.ts';
import { asSystemError } from '../../base/system-error.ts';
import {
  floats,
  readSafetensors,
  viewFloats,
  writeSafetensors,
  type SafeTensor,
} from '../../formats/safetensors.ts';
import type { State } from '../../nn/trainer/state-program.ts';
import { aboutIn, type About } from './checkpoint-about.ts';
import { fileAt, newestFirst } from './checkpoint-file.ts';
import type { Environment } from './environment.ts';
import type { Best, Progress } from './progress.ts';

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
  /** `passedOver`: why the newest of the folder was not taken, but an older one. */
  | { readonly status: 'loaded'; readonly checkpoint: Checkpoint; readonly passedOver?: string };

type Read = Exclude<Found, { readonly status: 'none' }>;

/** Where the checkpoints of a training lie. */
export interface CheckpointPlace {
  readonly dir: string;
  /** Where a checkpoint is written until it is whole, on the same file system: in `dir` it would be taken for one. */
  readonly tmp: string;
  /** Names the training. */
  readonly identity: Digest;
}

/** Beside the trainer's own names, none of which begins so. */
const historyName = '#history';
const draftFile = 'checkpoint-draft.safetensors';
/** No space on the disk, or in the user's quota. */
const fullDisk: readonly string[] = ['ENOSPC', 'EDQUOT'];

function fileOfBest({ epoch }: Best): string {
  return fileAt({ epoch: epoch + 1, step: 0 });
}

/**
 * Writes everything that the next step depends on, whole or not at all: the previous checkpoint stays until the new one
 * is complete and on the disk, and that at the end of the best epoch as long as it is the best.
 */
export async function saveCheckpoint(
  { dir, tmp, identity }: CheckpointPlace,
  { progress, state, environment }: Checkpoint,
): Promise<void> {
  const tensors = new Map<string, SafeTensor>(
    [...state].map(([name, values]) => [name, floats([values.length], values)]),
  );
  const { history, ...standing } = progress;
  // Not in the header: a line a step would make it longer than a reader takes.
  const lines = Buffer.from(history);
  tensors.set(historyName, { dtype: 'U8', shape: [lines.length], bytes: lines });
  const about = JSON.stringify({ identity, progress: standing, environment } satisfies About);
  const metadata = { about, digest: digestOf(about, tensors) };
  const file = fileAt(progress);
  await writeWhole({ dir, tmp }, file, (path) => writeSafetensors(path, { tensors, metadata }));
  const { best } = progress;
  await keepOnly(dir, best === null ? [file] : [file, fileOfBest(best)]);
  crashPoint('save:ended');
}

/**
 * The newest checkpoint that can be trusted: the digests are right, its own and that of the one that holds the best weights.
 * That of the best epoch is as good a place to go on from as the newest one, only an older one.
 */
export async function loadCheckpoint(dir: string, identity: Digest): Promise<Found> {
  let newest: string | undefined;
  for (const name of newestFirst(await readdir(dir))) {
    const found = await readWithBest(dir, name, identity);
    if (found.status === 'loaded') return newest === undefined ? found : { ...found, passedOver: newest };
    newest ??= found.why;
  }
  return newest === undefined ? { status: 'none' } : { status: 'unusable', why: newest };
}

async function readWithBest(dir: string, name: string, identity: Digest): Promise<Read> {
  const found = await read(dir, name, identity);
  if (found.status !== 'loaded') return found;
  const { best } = found.checkpoint.progress;
  if (best === null || fileOfBest(best) === name) return found;
  const { status } = await read(dir, fileOfBest(best), identity);
  if (status === 'loaded') return found;
  return { status: 'unusable', why: 'the best weights beside it are missing or damaged' };
}

/** The checkpoint at the end of the best epoch, which `loadCheckpoint` has seen or `saveCheckpoint` has kept. */
export async function loadBest(dir: string, identity: Digest, best: Best): Promise<Checkpoint> {
  const found = await read(dir, fileOfBest(best), identity);
  if (found.status !== 'loaded') throw new Error('Internal error: the best weights are gone');
  return found.checkpoint;
}

async function read(dir: string, name: string, identity: Digest): Promise<Read> {
  const file = await readSafetensors(join(dir, name), `checkpoint/${name}`);
  if (!file.ok) return { status: 'unusable', why: 'it cannot be read' };
  const { tensors, metadata } = file.value;
  const about = metadata['about'] ?? '';
  if (metadata['digest'] !== digestOf(about, tensors)) {
    return { status: 'unusable', why: 'its content does not match its digest' };
  }
  // Trusted from here: the digest says that this program wrote it.
  const saved = aboutIn(metadata);
  if (saved?.identity !== identity)
    return { status: 'unusable', why: 'it belongs to other parameters or data' };
  const state = new Map(
    [...tensors]
      .filter(([key]) => key !== historyName)
      .map(([key, tensor]): [string, Float32Array] => [key, viewFloats(tensor)]),
  );
  const history = Buffer.from(tensors.get(historyName)?.bytes ?? []).toString();
  return {
    status: 'loaded',
    checkpoint: { progress: { ...saved.progress, history }, environment: saved.environment, state },
  };
}

/** Elsewhere first; the rename makes it visible. A full disk leaves what was there before. */
async function writeWhole(
  { dir, tmp }: Pick<CheckpointPlace, 'dir' | 'tmp'>,
  name: string,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const draft = join(tmp, draftFile);
  try {
    crashPoint('save:begun');
    await write(draft);
    crashPoint('save:written');
    await rename(draft, join(dir, name));
    crashPoint('save:there');
    await syncFolder(dir);
  } catch (error) {
    await rm(draft, { force: true, recursive: true });
    if (fullDisk.includes(asSystemError(error)?.code ?? '')) {
      const isFirst = newestFirst(await readdir(dir)).length === 0;
      throw new FaultError({
        code: 'ERS_DISK_FULL',
        message: `The disk is full: the ${isFirst ? 'first checkpoint could not be saved.' : 'checkpoint could not be saved; the previous one is kept.'}`,
        hint: `Free some space and run again: training ${isFirst ? 'begins anew' : 'goes on from the previous checkpoint'}.`,
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

/** Drops older checkpoints. */
async function keepOnly(dir: string, kept: readonly string[]): Promise<void> {
  for (const name of await readdir(dir)) if (!kept.includes(name)) await rm(join(dir, name), { force: true });
}

function digestOf(about: string, tensors: ReadonlyMap<string, SafeTensor>): Digest {
  const hash = createHash('sha256').update(about);
  for (const [name, { bytes }] of [...tensors].sort(([a], [b]) => byCodeUnit(a, b))) {
    hash.update(`\n${name} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex') as Digest;
}
