import type { Digest } from '../../base/digest.ts';
import type { Fault } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import type { StagePhase } from '../events.ts';
import type { RecordOf } from '../key/inputs.ts';
import type { Keyed } from '../key/standing.ts';
import type { ReadyRuntime } from '../runtime-provider.ts';
import type { StageEvent } from '../stage.ts';
import type { Peer } from './peers.ts';
import type { OnLine } from './process.ts';

/** What an attempt is to make, with what, and who hears of it. */
export interface AttemptRequest {
  readonly stage: Stage;
  readonly key: Digest;
  readonly keyed: Keyed;
  readonly recordOf: RecordOf;
  /** Whether a result that is there will do. */
  readonly counts: (record: StageRecord) => boolean;
  /** What an earlier attempt left is of no use. */
  readonly dropCheckpoint: boolean;
  /** Gives way to an attempt of another run on the same key. */
  readonly wait: boolean;
  readonly cores: number;
  readonly runtime: ReadyRuntime | undefined;
  /** GPUs that are its own while it runs; null: nobody says to it which there are. */
  readonly gpus: readonly string[] | null;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: StagePhase) => void;
  /** Told once if another attempt of the same moment must give way first. */
  readonly onWait: (peer: Peer) => void;
  readonly onStart: (attempt: string, resumed: boolean) => void;
  readonly onLine: OnLine;
  readonly onEvent: (event: StageEvent) => void;
  readonly onNotice: (text: string) => void;
}

/** How an attempt came out. */
export type AttemptEnd =
  | { readonly type: 'made'; readonly record: StageRecord }
  /** Another run made it meanwhile. */
  | { readonly type: 'reused'; readonly record: StageRecord }
  /** `again`: another attempt may go otherwise. */
  | { readonly type: 'failed'; readonly faults: readonly Fault[]; readonly again: boolean }
  | { readonly type: 'stopped'; readonly checkpoint: boolean }
  /** Another run is at it: nothing was begun. */
  | { readonly type: 'busy'; readonly peer: Peer }
  /** An input changed since the key was made: nothing was begun. */
  | { readonly type: 'outdated'; readonly source: string }
  /** It was to stop before anything was begun. */
  | { readonly type: 'halted' };
