import { ok, type Result } from '../../base/fault.ts';
import type { EngineEvent } from '../events.ts';
import type { ReadyRuntime, RuntimeProvider } from '../runtime-provider.ts';

/** The native runtimes of one run: each is made ready once, before the first stage that needs it. */
export class Runtimes {
  readonly #providers: Readonly<Record<string, RuntimeProvider>>;
  readonly #emit: (event: EngineEvent) => void;
  readonly #ready = new Map<string, Promise<Result<ReadyRuntime>>>();

  constructor(providers: Readonly<Record<string, RuntimeProvider>>, emit: (event: EngineEvent) => void) {
    this.#providers = providers;
    this.#emit = emit;
  }

  /** Null names no runtime, and gives none. Faults: those of the installation. */
  async ensure(
    name: string | null,
    signal: AbortSignal,
  ): Promise<Result<ReadyRuntime | undefined> | 'stopped'> {
    if (name === null) return ok(undefined);
    const provider = this.#providers[name];
    if (provider === undefined) throw new Error(`Internal error: no provider of runtime ${name}`);
    const ready = this.#ready.get(name) ?? provider.ensure(this.#emit, signal);
    this.#ready.set(name, ready);
    try {
      return await ready;
    } catch (error) {
      // An installation that is asked to stop rejects with the signal's reason.
      if (signal.aborted) return 'stopped';
      throw error;
    }
  }
}
