import type { AttemptEnd } from '../attempt/request.ts';
import { twinOf, waitForPeers } from '../attempt/wait.ts';
import type { Peer } from '../attempt/peers.ts';
import { currentRecord } from '../key/result.ts';
import type { Stage, StageName } from '../definition/types.ts';
import type { JustMade } from '../events.ts';
import { attemptsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { sameOuts, standingOf } from '../key/standing.ts';
import { capacityFor, machineOf, needsOf, unmetNeeds, type Machine, type Needs } from '../plan/needs.ts';
import type { MakerIo } from './io.ts';
import type { MakeEnd, Order } from './order.ts';
import { RemoteInputs } from './remote-inputs.ts';
import { Runtimes } from './runtimes.ts';
import { Slots } from './slots.ts';
import { Tries } from './tries.ts';

type Busy = Extract<AttemptEnd, { type: 'busy' }>;

/** Makes stages, each when its turn comes: gives out the run's slots and GPUs, and makes runtimes ready. */
export class Maker {
  readonly #project: Project;
  readonly #io: MakerIo;
  readonly #machine: Machine;
  readonly #slots: Slots;
  readonly #gpusInUse = new Set<string>();
  readonly #runtimes: Runtimes;
  readonly #remoteInputs: RemoteInputs;

  constructor(project: Project, io: MakerIo) {
    this.#project = project;
    this.#io = io;
    this.#machine = machineOf(project.pipeline, project.env);
    this.#slots = new Slots(io.jobs, capacityFor(project.pipeline.stages.values(), this.#machine));
    this.#runtimes = new Runtimes(project.runtimes, io.emit);
    this.#remoteInputs = new RemoteInputs(project, io.emit);
  }

  /** No stage gets its turn while `work` goes on. */
  decide<T>(work: () => Promise<T>): Promise<T> {
    return this.#slots.decide(work);
  }

  /**
   * Waits for the stage's turn and makes it; while another run is at it, waits for that one without holding any slot.
   * Its result is taken, if the order says that it counts.
   */
  async make(order: Order): Promise<MakeEnd> {
    const { stage, keyed, counts, rank } = order;
    const { halted } = this.#io;
    // The plan has asked this of all stages that it saw coming; one that is settled again may be another.
    const unmet = unmetNeeds(this.#project, [stage]).get(stage.name);
    if (unmet !== undefined) return { type: 'failed', seconds: 0, faults: unmet };
    const needs = needsOf(stage, this.#machine);
    const tries = new Tries(this.#project, order, this.#io);
    for (;;) {
      tries.tellPhase('ready');
      const end = await this.#slots.use(needs.amounts, rank, () =>
        this.#withGpus(needs, (gpus) => this.#takeTurn(order, gpus, tries)),
      );
      if (end.type !== 'busy') return end;
      tries.tellWait(end.peer);
      await waitForPeers(attemptsFolder(this.#project), keyed.key, halted);
      if (halted()) return { type: 'halted' };
      const standing = await standingOf(this.#project, stage.name, keyed.key);
      if (standing.type === 'intact' && counts(standing.record)) {
        return { type: 'reused', record: standing.record, just: makerOf(end.peer, stage.name) };
      }
    }
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

  async #takeTurn(order: Order, gpus: readonly string[] | null, tries: Tries): Promise<MakeEnd | Busy> {
    const { halted, signal } = this.#io;
    if (halted()) return { type: 'halted' };
    tries.tellPhase('preparing');
    const started = this.#project.now();
    const timed = <T>(end: T) => ({ ...end, seconds: (this.#project.now() - started) / 1000 });
    const reasons = order.reasons();
    const runtime = await this.#runtimes.ensure(runtimeOf(order.stage), signal);
    if (runtime === 'stopped') return timed({ type: 'stopped', checkpoint: false });
    if (signal.aborted) return { type: 'halted' };
    if (!runtime.ok) return timed({ type: 'failed', faults: runtime.faults });
    const unfetched = await this.#remoteInputs.ensure(order.stage, signal);
    if (unfetched === 'stopped') return timed({ type: 'stopped', checkpoint: false });
    if (unfetched.length > 0) return timed({ type: 'failed', faults: unfetched });
    // Ahead of the attempt: it may add a record to the same key.
    const before = currentRecord(this.#project, order.stage.name);
    const end = await tries.go({ gpus, reasons, runtime: runtime.value });
    if (end.type === 'made') {
      return timed({ ...end, same: before !== undefined && sameOuts(before.outs, end.record.outs) });
    }
    return end.type === 'failed' || end.type === 'stopped' ? timed(end) : end;
  }
}

/** Who made what was waited for. */
function makerOf(peer: Peer, name: StageName): JustMade {
  const twin = twinOf(peer, name);
  return twin === undefined ? { by: 'another run' } : { by: 'stage', stage: twin };
}

function runtimeOf({ program }: Stage): string | null {
  return program.type === 'uses' ? program.definition.runtime : null;
}
