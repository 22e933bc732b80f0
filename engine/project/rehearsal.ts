import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';

/** A stage is made once more, only to compare what it makes with the result that is there. */
export interface Rehearsal {
  readonly stage: StageName;
  /** Told what came of it, unless the stage failed: the result it was compared with, and in what the new one differs. */
  readonly compared: (result: StageRecord, difference: Difference | undefined) => void;
}

/** The first thing in which two makings of a stage differ: outs by name, files by path, bytes from 0. */
export interface Difference {
  readonly out: string;
  /** Within the out; empty for an out that is a file. */
  readonly file: string;
  /** Which of the two has the file. */
  readonly in: 'both' | 'first' | 'second';
  /** Only of a file that both have. */
  readonly at?: ByteDifference;
}

export interface ByteDifference {
  readonly offset: number;
  /** Null where the file has ended. */
  readonly first: number | null;
  readonly second: number | null;
  /** What the byte belongs to, of formats that ers knows. */
  readonly what?: string;
}
