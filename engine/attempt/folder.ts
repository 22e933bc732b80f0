import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../../base/canonical.ts';
import { crashPoint } from '../../base/crash-point.ts';
import { isExisting, isMissing, isReadOnly } from '../../cache/errno.ts';
import { giveRights, removeWhole } from '../../cache/remove.ts';
import { temporaryFor } from '../../cache/temporary.ts';
import type { Stage } from '../definition/types.ts';
import { jsonText } from '../../cache/state-file.ts';
import type { Job } from './job.ts';

/** An attempt's own folder; nothing else is written by a stage. */
export interface AttemptFolder {
  readonly root: string;
  readonly job: string;
  /** Lies there while the attempt is live; what it says is `cache/holder.ts`'s. */
  readonly holder: string;
  /** Number of the stage's process group, once it has started. */
  readonly group: string;
  readonly events: string;
  readonly result: string;
  /** How each input stood when the stage began: a checkpoint is of use only while they stand the same. */
  readonly stamps: string;
  /** With which exact runtimes its checkpoint was made (`checkpoint-runtimes.ts`). */
  readonly runtimes: string;
  /** Lies there where a strict run began anew and left an earlier checkpoint where it was (`take-checkpoint.ts`). */
  readonly beside: string;
  readonly deps: string;
  /** Where small inputs lie that `deps/` leads to (`copy-inputs.ts`). */
  readonly copies: string;
  readonly outs: string;
  readonly checkpoint: string;
  readonly tmp: string;
  /** Where the process starts; empty, so that only declared inputs can be reached by a relative path. */
  readonly work: string;
}

/** The paths of an attempt; makes none of them. */
export function attemptFolder(attempts: string, id: string): AttemptFolder {
  return partsOf(join(attempts, id));
}

function partsOf(root: string): AttemptFolder {
  return {
    root,
    job: join(root, 'job.json'),
    holder: join(root, 'holder.json'),
    group: join(root, 'group'),
    events: join(root, 'events.jsonl'),
    result: join(root, 'result.json'),
    stamps: join(root, 'stamps.json'),
    runtimes: join(root, 'runtimes.json'),
    beside: join(root, 'beside'),
    deps: join(root, 'deps'),
    copies: join(root, 'copies'),
    outs: join(root, 'outs'),
    checkpoint: join(root, 'checkpoint'),
    tmp: join(root, 'tmp'),
    work: join(root, 'work'),
  };
}

/**
 * Makes the folder under another name and renames it, so that it is seen with its holder and its job or not at all.
 * `inputs` maps a dep's name, which may be a path (`models/lr-0.001`), to where its content lies.
 */
export function createAttempt(
  attempts: string,
  stage: Stage,
  job: Job,
  holder: Json,
  inputs: Readonly<Record<string, string>>,
): AttemptFolder {
  const draft = partsOf(temporaryFor(join(attempts, job.attempt)));
  for (const folder of [draft.deps, draft.outs, draft.checkpoint, draft.tmp, draft.work]) {
    mkdirSync(folder, { recursive: true });
  }
  crashPoint('attempt:begun');
  writeFileSync(draft.holder, jsonText(holder));
  writeFileSync(draft.job, jsonText(job));
  for (const [name, path] of Object.entries(inputs)) {
    const link = join(draft.deps, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(path, link);
  }
  for (const out of Object.values(stage.outs)) {
    const path = join(draft.outs, out.path);
    mkdirSync(out.kind === 'folder' ? path : dirname(path), { recursive: true });
  }
  const folder = attemptFolder(attempts, job.attempt);
  crashPoint('attempt:written');
  renameSync(draft.root, folder.root);
  crashPoint('attempt:there');
  return folder;
}

/** Must lie there before the stage starts, so that no checkpoint is without. */
export function writeStamps(folder: AttemptFolder, stamps: Readonly<Record<string, string>>): void {
  writeFileSync(folder.stamps, jsonText(stamps));
  crashPoint('attempt:stamped');
}

/** Keeps only what the next attempt with the same key can use; an attempt without a checkpoint goes whole. */
export function parkAttempt(folder: AttemptFolder): void {
  giveRights(folder.checkpoint);
  if (!hasCheckpoint(folder)) {
    removeAttempt(folder);
    return;
  }
  for (const part of [
    folder.group,
    folder.events,
    folder.result,
    folder.deps,
    folder.copies,
    folder.outs,
    folder.tmp,
    folder.work,
  ]) {
    discard(part);
  }
  crashPoint('park:begun');
  rmSync(folder.holder, { force: true });
}

/** By one rename, so that nobody takes what is half removed for a parked attempt. */
export function removeAttempt(folder: AttemptFolder): void {
  const doomed = temporaryFor(folder.root);
  try {
    renameSync(folder.root, doomed);
  } catch (error) {
    // Another run removes it at the same moment.
    if (!isMissing(error)) throw error;
  }
  crashPoint('remove:begun');
  discard(doomed);
}

/**
 * A process that hid from us may still write there, or a program that ran as another user have written: what is left then
 * is in nobody's way and swept later.
 */
function discard(path: string): void {
  try {
    removeWhole(path);
  } catch (error) {
    if (!isExisting(error) && !isReadOnly(error)) throw error;
  }
}

/** Whether its stage has put anything into `checkpoint/`. */
export function hasCheckpoint(folder: AttemptFolder): boolean {
  try {
    return readdirSync(folder.checkpoint).length > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
