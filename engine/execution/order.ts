import type { Fault } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { JustMade } from '../events.ts';
import type { Stage } from '../definition/types.ts';
import type { RecordOf } from '../key/inputs.ts';
import type { Reason } from '../reasons.ts';
import type { WholeKey } from '../key/standing.ts';

/** A stage that must be made, and what is known of it. */
export interface Order {
  readonly stage: Stage;
  readonly keyed: WholeKey;
  readonly recordOf: RecordOf;
  /** Whether a result that is there will do. */
  readonly counts: (record: StageRecord) => boolean;
  /** What an earlier attempt left is of no use. */
  readonly dropCheckpoint: boolean;
  /** Lower ones get their turn first. */
  readonly rank: number;
  /** Why; asked when its turn has come. */
  readonly reasons: () => readonly Reason[];
}

/** What came of an order. */
export type MakeEnd =
  /** `same`: every out has the bytes of the result before. */
  | { readonly type: 'made'; readonly record: StageRecord; readonly same: boolean; readonly seconds: number }
  /** It was made meanwhile. `just`: by whom, where it was waited for. */
  | { readonly type: 'reused'; readonly record: StageRecord; readonly just?: JustMade }
  | { readonly type: 'failed'; readonly faults: readonly Fault[]; readonly seconds: number }
  | { readonly type: 'stopped'; readonly checkpoint: boolean; readonly seconds: number }
  /** An input, of this source, changed since the key was made: nothing was begun. */
  | { readonly type: 'outdated'; readonly source: string }
  /** The run was over before anything of it was begun. */
  | { readonly type: 'halted' };
