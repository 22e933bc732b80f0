import type { HashProgress } from '../../cache/watch.ts';
import type { EngineEvent } from '../events.ts';

/** What a run has of its caller: where its events go, when it is to stop, how much it may do at once. */
export interface RunIo {
  readonly emit: (event: EngineEvent) => void;
  /** Aborted on SIGINT and its like: every child is ended within 5 s, or as soon as it has saved (`attempt/grace.ts`). */
  readonly signal: AbortSignal;
  /** Hears how far the reading of inputs and outs is, from the plan on. */
  readonly progress?: HashProgress;
  /** How many stages may run side by side, from 1. */
  readonly jobs: number;
  /**
   * How many threads each stage may keep busy, from 1; never divided among stages that run side by side. The bits of
   * training depend on it, so that they must not depend on what else runs. Stages with a native runtime run one at a time.
   */
  readonly cores: number;
}

/** What the execution of one plan has beside. */
export interface ExecutionIo extends RunIo {
  /** Takes an event for the run's log that nobody else is to see. */
  readonly log: (event: EngineEvent) => void;
}

/** What the making of stages has beside. */
export interface MakerIo extends ExecutionIo {
  /** Whether no further stage may start. */
  readonly halted: () => boolean;
  /** Whether a stage that another run makes waits for its result. */
  readonly wait: boolean;
}
