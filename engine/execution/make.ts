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
import { capacityFor, machineOf, needsOf, type Machine, type Needs } from './needs.ts';
import { Runtimes } from './runtimes.ts';
import { Slots } from './slots.ts';

/** A stage that must be made, and what is known of it. */
export interface Order {
  readonly stage: Stage;
  readonly keyed: WholeKey;
  readonly recordOf: RecordOf;
  readonly forced: boolean;
  /** Lower ones get their turn first. */
  readonly rank: number;
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

/** What a stage got when its turn came. */
interface Turn {
  /** Those it may see; null: nobody says to it which there are. */
  readonly gpus: readonly string[] | null;
  readonly reasons: readonly Reason[];
  readonly runtime: ReadyRuntime | undefined;
}

/** Makes stages, each when its turn comes: gives out the run's slots, makes runtimes ready, tells what happens. */
export class Maker {
  readonly #project: Project;
  readonly #io: MakerIo;
  readonly #machine: Machine;
  readonly #slots: Slots;
  readonly #gpusInUse = new Set<string>();
  readonly #runtimes: Runtimes;

  constructor(project: Project, io: MakerIo) {
    this.#project = project;
    this.#io = io;
    this.#machine = machineOf(project.pipeline, project.env);
    this.#slots = new Slots(io.jobs, capacityFor(project.pipeline.stages.values(), this.#machine));
    this.#runtimes = new Runtimes(project.runtimes, io.emit);
  }

  /** No stage gets its turn while `work` goes on. */
  decide<T>(work: () => Promise<T>): Promise<T> {
    return this.#slots.decide(work);
  }

  make(order: Order): Promise<MakeEnd> {
    const needs = needsOf(order.stage, this.#machine);
    this.#io.emit({ type: 'stage-phase', stage: order.stage.name, phase: 'ready' });
    return this.#slots.use(needs.amounts, order.rank, () =>
      this.#io.halted()
        ? Promise.resolve({ type: 'halted' })
        : this.#withGpus(needs, (gpus) => this.#takeTurn(order, gpus)),
    );
  }

  /** The first GPUs that no other stage has: its slots say that there are so many. */
  async #withGpus<T>(
    { gpus: wanted }: Needs,
    work: (gpus: readonly string[] | null) => Promise<T>,
  ): Promise<T> {
    if (wanted === null) return work(null);
    const gpus = this.#machine.gpus.filter((gpu) => !this.#gpusInUse.has(gpu)).slice(0, wanted);
    for (const gpu of gpus) this.#gpusInUse.add(gpu);
    try {
      return await work(gpus);
    } finally {
      for (const gpu of gpus) this.#gpusInUse.delete(gpu);
    }
  }

  async #takeTurn(order: Order, gpus: readonly string[] | null): Promise<MakeEnd> {
    const { emit, signal } = this.#io;
    emit({ type: 'stage-phase', stage: order.stage.name, phase: 'preparing' });
    const started = this.#project.now();
    const timed = <T>(end: T) => ({ ...end, seconds: (this.#project.now() - started) / 1000 });
    const reasons = await order.reasons();
    const runtime = await this.#runtimes.ensure(runtimeOf(order.stage), signal);
    if (runtime === 'stopped' || signal.aborted) return timed({ type: 'stopped', checkpoint: false });
    if (!runtime.ok) return timed({ type: 'failed', faults: runtime.faults });
    // Ahead of the attempt: it may add a record to the same key.
    const before = currentRecord(this.#project, order.stage.name);
    const end = await this.#attempt(order, { gpus, reasons, runtime: runtime.value });
    if (end.type !== 'made') return timed(end);
    return timed({ ...end, same: before !== undefined && sameOuts(before.outs, end.record.outs) });
  }

  #attempt({ stage, keyed, recordOf, forced }: Order, { gpus, reasons, runtime }: Turn): Promise<AttemptEnd> {
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
      gpus,
      signal,
      onPhase: (phase) => emit({ type: 'stage-phase', stage: name, phase }),
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
