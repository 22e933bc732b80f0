import { join } from 'node:path';
import { makeOwnFolder } from '../../cache/own-folder.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import { openStore } from '../../cache/store.ts';
import type { StatIndex, Store } from '../../cache/types.ts';
import { ok, type Result } from '../../base/fault.ts';
import { asSystemError } from '../../base/system-error.ts';
import type { Pipeline } from '../definition/types.ts';
import type { ExperimentsAtWork } from './experiments-at-work.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { RemoteFiles } from '../remote-files.ts';
import type { RuntimeProvider } from '../runtime-provider.ts';

/** A validated pipeline on its disk: everything that `plan`, `why` and `run` read. */
export interface Project {
  readonly pipeline: Pipeline;
  readonly store: Store;
  /** Content of inputs outside the store. */
  readonly index: StatIndex;
  /** Folder of this build, `dist/BUILD`, with `child.mjs`; the stages' bundles lie relative to its parent. */
  readonly dist: string;
  readonly runtimes: Readonly<Record<string, RuntimeProvider>>;
  /** Absent where no stage names such a file. */
  readonly remoteFiles?: RemoteFiles;
  /** The environment that declared `env` values are taken from. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since 1970; for times in records and for durations, never for decisions. */
  readonly now: () => number;
  /** Version of ers, for records. */
  readonly ers: string;
  /** A command of ers on this very pipeline, as hints name it. */
  readonly commandLine: (...words: readonly string[]) => string;
  /** Present where the pipeline is the union of experiments: these leave `artifacts/`, `.ers/current` and `pipeline.lock` alone. */
  readonly experiments?: ExperimentsAtWork;
  /** A result that was made with another exact runtime does not count (`runtimeChanges`). */
  readonly strictRuntime: boolean;
  /** Present where a stage is made only to be compared. */
  readonly rehearsal?: Rehearsal;
}

export interface ProjectOptions {
  readonly dist: string;
  readonly runtimes: Readonly<Record<string, RuntimeProvider>>;
  readonly remoteFiles?: RemoteFiles;
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly strictRuntime: boolean;
  /** Version of ers, for records. */
  readonly ers: string;
  readonly commandLine: (...words: readonly string[]) => string;
}

/** Opens the pipeline's store and its stat index; loads no npm package. */
export function openProject(pipeline: Pipeline, options: ProjectOptions): Result<Project> {
  const store = openStore({ root: pipeline.store });
  if (!store.ok) return store;
  makeProjectFolder(pipeline.root);
  const index = openStatIndex({ file: join(pipeline.root, '.ers', 'index') });
  return ok({ pipeline, store: store.value, index, ...options });
}

export function remoteFilesOf({ remoteFiles }: Project): RemoteFiles {
  if (remoteFiles === undefined) throw new Error('Internal error: nobody was named who fetches files');
  return remoteFiles;
}

/** Where the store lies elsewhere. A project that may only be read has no such folder, and keeps no index. */
function makeProjectFolder(root: string): void {
  try {
    makeOwnFolder(join(root, '.ers'));
  } catch (error) {
    if (asSystemError(error) === undefined) throw error;
  }
}
