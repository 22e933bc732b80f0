import type { Result } from '../base/fault.ts';
import type { RuntimeEvent } from './events.ts';
import type { RemoteFile } from './stage.ts';

/** Files of a hub, kept once for this user. Given to the engine by the CLI: the engine reaches no network itself. */
export interface RemoteFiles {
  /** Absolute: where all of them lie, a folder a revision, each stamped when it was last asked for. It may not be there. */
  readonly folder: string;
  /** Absolute: where the file lies once it is here. */
  pathOf(file: RemoteFile): string;
  /**
   * Fetches the file if it is not here, or not whole. Rejects with the signal's reason when it is aborted.
   * Faults: ERS_FETCH, without a place.
   */
  ensure(file: RemoteFile, emit: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<Result<null>>;
}
