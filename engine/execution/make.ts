import type { Fault } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { attemptStage, type AttemptEnd } from '../attempt/attempt.ts';
import { currentRecord } from '../current.ts';
import type { Stage } from '../definition/types.ts';
import type { EngineEvent } from '../events.ts';
import type { RecordOf } from '../inputs.ts';
import type { Project } from '../project.ts';
import type { Reason } from '../reasons.ts';
import type { RunIo } from '../run.ts';
import { sameOuts } from '../standing.ts';
import type { WholeKey } from './decide.ts';
import type { ReadyRuntime } from '../runtime-provider.ts';
import { Runtimes } from './runtimes.ts';
import { Slots } from './slots.ts';

/** A stage that must be made, and what is known of it. */
export interface Order {
  readonly stage: Stage;
  readonly keyed: WholeKey;
  readonly recordOf: RecordOf;
  readonly forced: boolean;
  /** Why; asked when its turn has come. */
  readonly reasons: () => Promise<readonly Reason[]>;
}

export type MakeEnd =
  /** `same`: every out has the bytes of the result before. */
  | { readonly type: 'made'; readonly record: StageRecord; readonly same: boolean; readonly seconds: number }
  /** Another run made it meanwhile. */
  | { readonly type: 'reused'; readonly record: StageRecord }
  | { readonly type: 'failed'; readonly faults: readonly Fault[]; readonly seconds: number }
  | { readonly type: 'stopped'; readonly checkpoint: boolean; readonly seconds: number }
  /** The run was over before its turn came. */
  | { readonly type: 'halted' };

export interface MakerIo extends RunIo {
  /** Takes an event for the run's log that nobody else is to see. */
  readonly log: (event: EngineEvent) => void;
  /** Whether no further stage may start. */
  readonly halted: () => boolean;
}

/** Makes stages, each when its turn comes: gives out the run's slots, makes runtimes ready, tells what happens. */
export class Maker {
  readonly #project: Project;
  readonly #io: MakerIo;
  readonly #slots: Slots;
  /** Stages that name a GPU or a native runtime run one at a time. */
  readonly #heavy = new Slots(1);
  readonly #runtimes: Runtimes;

  constructor(project: Project, io: MakerIo) {
    this.#project = project;
    this.#io = io;
    this.#slots = new Slots(io.jobs);
    this.#runtimes = new Runtimes(project.runtimes, io.emit);
  }

  make(order: Order): Promise<MakeEnd> {
    const { stage } = order;
    const heavy = stage.resources['gpu'] !== undefined || runtimeOf(stage) !== null;
    const work = () => this.#slots.use(() => this.#takeTurn(order));
    return heavy ? this.#heavy.use(work) : work();
  }

  async #takeTurn(order: Order): Promise<MakeEnd> {
    const { halted, signal } = this.#io;
    if (halted()) return { type: 'halted' };
    const started = this.#project.now();
    const timed = <T>(end: T) => ({ ...end, seconds: (this.#project.now() - started) / 1000 });
    const reasons = await order.reasons();
    const runtime = await this.#runtimes.ensure(runtimeOf(order.stage), signal);
    if (runtime === 'stopped' || signal.aborted) return timed({ type: 'stopped', checkpoint: false });
    if (!runtime.ok) return timed({ type: 'failed', faults: runtime.faults });
    // Ahead of the attempt: it may add a record to the same key.
    const before = currentRecord(this.#project, order.stage.name);
    const end = await this.#attempt(order, reasons, runtime.value);
    if (end.type !== 'made') return timed(end);
    return timed({ ...end, same: before !== undefined && sameOuts(before.outs, end.record.outs) });
  }

  #attempt(
    { stage, keyed, recordOf, forced }: Order,
    reasons: readonly Reason[],
    runtime: ReadyRuntime | undefined,
  ): Promise<AttemptEnd> {
    const { emit, log, cores, signal } = this.#io;
    const { name } = stage;
    return attemptStage(this.#project, {
      stage,
      key: keyed.key,
      keyed,
      recordOf,
      force: forced,
      cores,
      runtime,
      signal,
      onWait: (holder) => emit({ type: 'stage-waiting', stage: name, holder }),
      onStart: (attempt, resumed) => emit({ type: 'stage-started', stage: name, attempt, reasons, resumed }),
      onLine: (stream, line, noise) =>
        (noise ? log : emit)({ type: 'stage-output', stage: name, stream, line }),
      onEvent: (event) => emit({ type: 'stage-event', stage: name, event }),
      onNotice: (text) => emit({ type: 'notice', level: 'warning', text: `${name}: ${text}` }),
    });
  }
}

function runtimeOf({ program }: Stage): string | null {
  return program.type === 'uses' ? program.definition.runtime : null;
}
