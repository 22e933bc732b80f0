import { render } from 'ink';
import type { EngineEvent } from '../../engine/events.ts';
import { reduce, startState, type UiAction, type UiState } from '../state.ts';
import type { WhyLine } from '../say.ts';
import type { Artifacts } from '../summary.ts';
import { Screen } from './screen.tsx';
import { meanCost, pause } from './pace.ts';

export interface ScreenOptions {
  readonly stdout: NodeJS.WriteStream;
  /** Milliseconds. */
  readonly now: () => number;
  readonly artifacts: Artifacts;
  readonly why: WhyLine;
}

/** The Ink reader of events. */
export interface OpenScreen {
  readonly emit: (event: EngineEvent) => void;
  readonly stopAsked: () => void;
  /** Draws the last state, and gives the terminal back. */
  readonly close: () => Promise<void>;
  readonly abandon: () => void;
}

/**
 * Takes the terminal. Events only change the state; the screen is drawn by its own clock (`pace.ts`),
 * so that a training of a thousand steps a second costs no more than a slow one. Reads no keys: Ctrl-C stays a signal.
 */
export function openScreen({ stdout, now, artifacts, why }: ScreenOptions): OpenScreen {
  let state = startState(now());
  const draw = (shown: UiState) => (
    <Screen
      state={shown}
      artifacts={artifacts}
      why={why}
      width={stdout.columns || 80}
      height={stdout.rows || 24}
    />
  );
  const screen = render(draw(state), { stdout, exitOnCtrlC: false, patchConsole: false });
  const take = (action: UiAction): void => {
    state = reduce(state, action, now());
  };
  let cost: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const drawLater = (): void => {
    timer = setTimeout(
      () => {
        const began = performance.now();
        take({ type: 'tick' });
        screen.rerender(draw(state));
        cost = meanCost(cost, performance.now() - began);
        drawLater();
      },
      pause(cost ?? 0),
    );
    timer.unref();
  };
  drawLater();
  const leave = (): void => {
    clearTimeout(timer);
    screen.rerender(draw(state));
    screen.unmount();
  };
  return {
    emit: take,
    stopAsked: () => take({ type: 'stop-asked' }),
    close: async () => {
      leave();
      await screen.waitUntilExit();
    },
    abandon: leave,
  };
}
