import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';

/** Experiments that run as one pipeline, seen from the engine: what it does with results instead of showing them. */
export interface ExperimentsAtWork {
  /** In the order in which they were asked for. */
  readonly names: readonly string[];
  /** Stage of the union → the pipeline's own stage, with whose current result it is compared. */
  readonly own: ReadonlyMap<StageName, StageName>;
  /** A stage has this result. Throws what the system says. */
  readonly took: (stage: StageName, record: StageRecord) => void;
  /** All stages have come to an end; the store does not know yet that the run leaves. Throws what the system says. */
  readonly settle: () => void;
}
