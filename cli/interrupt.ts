/** The signals that ask a run to save and end. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborted by the first signal: stages save and stop. */
  readonly stop: AbortSignal;
  /** Puts the process's own behaviour back. */
  readonly dispose: () => void;
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP. The first one aborts `stop` and calls `onStop`;
 * a second one calls `onKill`, which should leave at once.
 */
export function takeSignals(onStop: () => void, onKill: () => void): Interrupt {
  const controller = new AbortController();
  const handle = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      onKill();
      return;
    }
    controller.abort(signal);
    onStop();
  };
  for (const signal of signals) process.on(signal, handle);
  return {
    stop: controller.signal,
    dispose: () => {
      for (const signal of signals) process.off(signal, handle);
    },
  };
}
