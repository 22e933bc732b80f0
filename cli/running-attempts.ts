import { errnoOf } from '../cache/errno.ts';
import { orphansOf } from '../cache/orphans.ts';
import type { EngineEvent } from '../engine/events.ts';

/** The attempts whose processes are alive, read from the events; for the second Ctrl-C, which waits for nothing. */
export class RunningAttempts {
  readonly #attempts = new Map<string, string>();

  follow(event: EngineEvent): void {
    if (event.type === 'stage-started') this.#attempts.set(event.stage, event.attempt);
    if (event.type === 'stage-finished') this.#attempts.delete(event.stage);
  }

  /** Ends every process of every running attempt with SIGKILL. What they wrote so far stays in their own folders. */
  kill(): void {
    for (const pid of [...this.#attempts.values()].flatMap((attempt) => [...orphansOf(attempt)])) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // It ended by itself in between.
        if (errnoOf(error) !== 'ESRCH') throw error;
      }
    }
  }
}
