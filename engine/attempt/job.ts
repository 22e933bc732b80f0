import type { Json } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import type { UserSources } from '../built-stage.ts';

/** `attempts/ID/job.json`: what a stage's process is told. Paths are absolute. */
export type Job = {
  readonly version: 1;
  readonly attempt: string;
  readonly stage: string;
  readonly key: string;
  /** Module that exports `run`, or a stage of the user; null for a command. */
  readonly bundle: string | null;
  /** Worker name → module. */
  readonly workers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly deps: Readonly<Record<string, string>>;
  readonly outs: Readonly<Record<string, string>>;
  readonly checkpoint: string;
  /** Seconds. */
  readonly checkpointEvery: number;
  readonly logs: string;
  readonly tmp: string;
  readonly cores: number;
  /** Of a stage of the user: how places in its bundles are told. */
  readonly user?: UserSources;
  /** Folder of the native runtime, null where the stage names none. */
  readonly runtime: string | null;
};

/** `attempts/ID/result.json`: the last thing that a stage's process writes. */
export type JobResult = (
  | { readonly status: 'done'; readonly runtime?: Readonly<Record<string, Json>> }
  | { readonly status: 'stopped' }
  | { readonly status: 'failed'; readonly faults: readonly Fault[] }
) & {
  /** Bytes that the process held at most. */
  readonly peakMemory?: number;
};
