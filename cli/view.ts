import type { EngineEvent } from '../engine/events.ts';

/** A reader of events, whichever it is. */
export interface View {
  readonly emit: (event: EngineEvent) => void;
  /** Says that the run is stopping: saving takes a moment. */
  readonly stopAsked: () => void;
  /** Draws what is left and gives the terminal back. */
  readonly close: () => Promise<void>;
  /** Gives the terminal back at once; the process is about to end. */
  readonly abandon: () => void;
}
