import { attemptStage } from '../attempt/attempt.ts';
import type { Peer } from '../attempt/peers.ts';
import type { AttemptEnd } from '../attempt/request.ts';
import { adviceOn, twinOf } from '../attempt/wait.ts';
import type { StagePhase } from '../events.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { ReadyRuntime } from '../runtime-provider.ts';
import type { MakerIo } from './io.ts';
import type { Order } from './order.ts';

/** What a stage got when its turn came. */
export interface Turn {
  /** Those it may see; null: nobody says to it which there are. */
  readonly gpus: readonly string[] | null;
  readonly reasons: readonly Reason[];
  readonly runtime: ReadyRuntime | undefined;
}

/** The attempts of one run on one stage: as many as its `retries` allow, until one ends otherwise than in failure. */
export class Tries {
  readonly #project: Project;
  readonly #order: Order;
  readonly #io: MakerIo;
  #failed = 0;

  constructor(project: Project, order: Order, io: MakerIo) {
    this.#project = project;
    this.#order = order;
    this.#io = io;
  }

  async go(turn: Turn): Promise<AttemptEnd> {
    const { name, retries } = this.#order.stage;
    for (;;) {
      const end = await this.#attempt(turn);
      if (end.type !== 'failed' || !end.again || this.#failed >= retries || this.#io.halted()) return end;
      this.#failed += 1;
      const [attempt, of] = [this.#failed + 1, retries + 1];
      this.#io.emit({ type: 'stage-retrying', stage: name, attempt, of, faults: end.faults });
    }
  }

  tellPhase(phase: StagePhase): void {
    this.#io.emit({ type: 'stage-phase', stage: this.#order.stage.name, phase });
  }

  tellWait(peer: Peer): void {
    const { holder } = peer;
    const { name } = this.#order.stage;
    const advice = adviceOn(peer);
    const twin = twinOf(peer, name);
    this.#io.emit({
      type: 'stage-waiting',
      stage: name,
      holder,
      ...(twin === undefined ? {} : { twin }),
      ...(advice === undefined ? {} : { advice }),
    });
  }

  #attempt({ gpus, reasons, runtime }: Turn): Promise<AttemptEnd> {
    const { stage, keyed, recordOf, counts, dropCheckpoint } = this.#order;
    const { emit, log, cores, signal, wait } = this.#io;
    const { name } = stage;
    return attemptStage(this.#project, {
      stage,
      key: keyed.key,
      keyed,
      recordOf,
      counts,
      // What a failed attempt of this very run left is of use.
      dropCheckpoint: dropCheckpoint && this.#failed === 0,
      wait,
      cores,
      runtime,
      gpus,
      signal,
      onPhase: (phase) => this.tellPhase(phase),
      onWait: (peer) => this.tellWait(peer),
      onStart: (attempt, resumed) => emit({ type: 'stage-started', stage: name, attempt, reasons, resumed }),
      onLine: (stream, line, noise) =>
        (noise ? log : emit)({ type: 'stage-output', stage: name, stream, line }),
      onEvent: (event) => emit({ type: 'stage-event', stage: name, event }),
      onNotice: (text) => emit({ type: 'notice', level: 'warning', text: `${name}: ${text}` }),
    });
  }
}
