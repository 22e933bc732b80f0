import type { Fault } from '../base/fault.ts';
import type { Reason } from './reasons.ts';
import type { StageEvent } from './stage.ts';

/** The only way out of the engine. Ink, plain lines, `--json` and the run's log are four readers of this closed union. */
export type EngineEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly stages: readonly PlannedStage[];
      /** Names of the experiments that run; `artifacts/` stays as it is. */
      readonly experiments?: readonly string[];
    }
  | RuntimeEvent
  | { readonly type: 'stage-phase'; readonly stage: string; readonly phase: StagePhase }
  /** Another run, or another stage of this one, makes the same thing; this stage waits for it. */
  | {
      readonly type: 'stage-waiting';
      readonly stage: string;
      /** `process 4711 on host since 2026-11-23 06:41:05 UTC`. */
      readonly holder: string;
      /** The stage of this run that makes it. */
      readonly twin?: string;
      /** What to do if that process is gone, where nobody here can see whether it is. */
      readonly advice?: string;
    }
  | {
      readonly type: 'stage-started';
      readonly stage: string;
      readonly attempt: string;
      readonly reasons: readonly Reason[];
      /** A checkpoint of an earlier attempt was taken over. */
      readonly resumed: boolean;
    }
  /** An attempt failed, and the stage's `retries` allow the next one: attempt 2 of 3. */
  | {
      readonly type: 'stage-retrying';
      readonly stage: string;
      readonly attempt: number;
      readonly of: number;
      readonly faults: readonly Fault[];
    }
  | { readonly type: 'stage-event'; readonly stage: string; readonly event: StageEvent }
  /** A line that the stage printed. */
  | {
      readonly type: 'stage-output';
      readonly stage: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | { readonly type: 'stage-finished'; readonly stage: string; readonly outcome: StageOutcome }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string }
  | { readonly type: 'run-finished'; readonly exitCode: number; readonly seconds: number };

/** What happens to a stage around its process, which `stage-started` begins: for those who ask where the time goes. */
export type StagePhase =
  /** All that it reads is there; it waits for its turn. */
  | 'ready'
  /** It has its turn: runtime, stamps of its inputs, its folder. */
  | 'preparing'
  /** The process has ended: its inputs are looked at again. */
  | 'checking'
  /** Its outs are checked, synced, hashed and moved into the store. */
  | 'storing';

/**
 * Installation of the native runtime before the first stage that needs it, or the fetching of an input from a hub: then
 * `runtime` is the hub's name of it. Sizes in bytes.
 */
export type RuntimeEvent = {
  readonly type: 'runtime';
  readonly runtime: string;
  readonly phase: 'missing' | 'fetching' | 'unpacking' | 'building' | 'checking' | 'ready';
  readonly text: string;
  readonly done?: number;
  readonly total?: number;
};

/** What will happen to a stage. */
export type PlanState =
  /** Its record and artifacts are there. */
  | 'cached'
  /** Its record is there, its bytes were collected; it runs only if somebody needs them. */
  | 'recorded'
  /** It never runs: its last result stands. The reasons say what would have made it stale. */
  | 'frozen'
  | 'run'
  /** Below a stage that will run; decided when that stage's output is known. */
  | 'maybe';

/** A stage of a plan as it is shown. */
export interface PlannedStage {
  readonly stage: string;
  readonly state: PlanState;
  readonly reasons: readonly Reason[];
  /** Of a stage that will run, who makes the same thing now; only in a plan that is shown. */
  readonly holder?: string;
  /** An earlier attempt left a checkpoint from which the next one can go on; only in a plan that is shown. */
  readonly checkpoint?: true;
  /** `artifacts/` shows another result, and a run will put this one back; only in a plan that is shown. */
  readonly restored?: true;
  /** Its result was kept by `ers accept`; only in a plan that is shown. */
  readonly accepted?: Accepted;
  /** Why it cannot even be planned, nor anything run; only in a plan that is shown. */
  readonly faults?: readonly Fault[];
}

/** What came of a stage in a run. */
/** Who made a result that was not there when this run began. */
export type JustMade =
  /** Another stage of this run, which has the same key. */
  { readonly by: 'stage'; readonly stage: string } | { readonly by: 'another run' };

export type StageOutcome =
  | {
      readonly type: 'made';
      readonly seconds: number;
      /** Every out has the bytes that the previous record had, so that dependents stay cached. */
      readonly same: boolean;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'cached';
      /** Why it is current although something above was made anew: the stages that made the same bytes again. */
      readonly because: readonly string[];
      /** An older result was put back: a parameter or an input has its former value again. */
      readonly restored: boolean;
      /** It was made since this run began. */
      readonly just?: JustMade;
      /** Its bytes were collected and nothing needed them: `artifacts/` shows those of its outs that are left. */
      readonly collected?: true;
      /** The stage is frozen, and this would have made it stale. */
      readonly frozen?: readonly Reason[];
      /** It was kept by `ers accept`. */
      readonly accepted?: Accepted;
      readonly metrics: Readonly<Record<string, number>>;
    }
  /** Without the faults that another stage met first and that were told there. */
  | { readonly type: 'failed'; readonly seconds: number; readonly faults: readonly Fault[] }
  | { readonly type: 'stopped'; readonly seconds: number; readonly checkpoint: boolean }
  /** A stage above failed, was stopped, or `--only` excludes it. */
  | { readonly type: 'skipped'; readonly because: string };

/** A result that the user kept by `ers accept` although what it was made of changed. */
export type Accepted = {
  /** Key of the result that was kept. */
  readonly from: string;
  /** What had changed, a phrase each. */
  readonly reasons: readonly string[];
  /** ISO time, UTC. */
  readonly when: string;
};
