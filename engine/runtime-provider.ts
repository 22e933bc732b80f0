import type { Json } from '../base/canonical.ts';
import type { Result } from '../base/fault.ts';
import type { RuntimeEvent } from './events.ts';

/** A native runtime that a stage may name. Given to the engine by the CLI: the engine knows none itself. */
export interface RuntimeProvider {
  readonly name: string;
  /** Major.minor, part of the key; the pinned version when nothing is installed. Reads no library. */
  version(): string;
  /**
   * What `ensure` would hand over as `fingerprint`, without installing or loading anything; null where this machine can
   * have none.
   */
  fingerprint(): Readonly<Record<string, Json>> | null;
  /**
   * Installs the runtime if it is missing or damaged, then says where it is. Called before the first stage that needs
   * it. Rejects with the signal's reason when it is aborted.
   */
  ensure(emit: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<Result<ReadyRuntime>>;
}

export interface ReadyRuntime {
  readonly dir: string;
  /** Exact version, variant, CPU features: goes to the record, not to the key. */
  readonly fingerprint: Readonly<Record<string, Json>>;
  /** Environment for the stage's process, e.g. TF_ENABLE_ONEDNN_OPTS. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines of stderr that say nothing to a user: they go to the stage's log only. */
  readonly noise?: readonly RegExp[];
}
