import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../../base/crash-point.ts';
import { errnoOf } from '../../cache/errno.ts';
import type { EngineEvent } from '../events.ts';

/**
 * `runs/TIME-ID/`: every event as a line of `events.jsonl`, and what each stage printed as `STAGE.log`.
 * Nothing is written until a stage starts or fails, so that a run that had nothing to do leaves nothing behind.
 */
export class RunLog {
  readonly id: string;
  readonly #folder: string;
  readonly #now: () => number;
  #waiting: string[] | undefined = [];
  #ended = false;

  /** `now` in ms since 1970; `unique` tells apart runs that begin in the same second. */
  constructor(runs: string, now: () => number, unique: string) {
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z');
    this.id = `${time.replaceAll(/[-:]/g, '')}-${unique}`;
    this.#folder = join(runs, this.id);
    this.#now = now;
  }

  /** Returns a sentence if the log cannot be written, which ends the log but not the run. */
  add(event: EngineEvent): string | undefined {
    if (this.#ended) return undefined;
    try {
      this.#add(event);
      return undefined;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      this.#ended = true;
      return `the run's log .ers/runs/${this.id} cannot be written (${errnoOf(error) ?? ''}); the run goes on without it`;
    }
  }

  #add(event: EngineEvent): void {
    const line = `${JSON.stringify({ time: this.#now(), ...event })}\n`;
    if (this.#waiting === undefined) {
      this.#write(event, line);
      return;
    }
    this.#waiting.push(line);
    const matters =
      event.type === 'stage-started' || (event.type === 'stage-finished' && event.outcome.type === 'failed');
    if (!matters) return;
    mkdirSync(this.#folder, { recursive: true });
    crashPoint('log:made');
    appendFileSync(join(this.#folder, 'events.jsonl'), this.#waiting.join(''));
    crashPoint('log:written');
    this.#waiting = undefined;
  }

  /** Output has a file of its own, and would drown the events. */
  #write(event: EngineEvent, line: string): void {
    if (event.type === 'stage-output') {
      appendFileSync(join(this.#folder, `${event.stage}.log`), `${event.line}\n`);
    } else appendFileSync(join(this.#folder, 'events.jsonl'), line);
  }
}
