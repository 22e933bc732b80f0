/** The signals that ask a run to save and end. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborted by the first signal: stages save and stop. */
  readonly stop: AbortSignal;
  /** Puts the process's own behaviour back. */
  readonly dispose: () => void;
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP of `source`. The first one aborts `stop` and calls `onStop`;
 * a second one calls `onKill`, which should leave at once. A second SIGHUP does nothing: of a terminal that is closed the
 * system tells, and its shell once more, and nobody asked to leave unsaved.
 */
export function takeSignals(
  onStop: () => void,
  onKill: () => void,
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
): Interrupt {
  const controller = new AbortController();
  const handle = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (signal !== 'SIGHUP') onKill();
      return;
    }
    controller.abort(signal);
    onStop();
  };
  for (const signal of signals) source.on(signal, handle);
  return {
    stop: controller.signal,
    dispose: () => {
      for (const signal of signals) source.off(signal, handle);
    },
  };
}
