import type { EngineEvent } from '../engine/events.ts';
import { plainPrinter } from '../ui/plain.ts';
import type { OpenScreen } from '../ui/ink/open-screen.tsx';
import type { WhyLine } from '../ui/say.ts';
import type { Artifacts } from '../ui/summary.ts';
import type { Io } from './io.ts';
import type { View } from './view.ts';

/**
 * The reader for a terminal. It waits for the plan: if everything is cached, plain lines say so at once and Ink,
 * which takes longer to load than such a run lasts, stays on the disk. Otherwise Ink is loaded while the first
 * stage starts, and gets what happened meanwhile.
 */
export function screenView(io: Io, artifacts: Artifacts, why: WhyLine): View {
  let reader: ((event: EngineEvent) => void) | undefined;
  let opening: Promise<OpenScreen> | undefined;
  let screen: OpenScreen | undefined;
  let stopping = false;
  const waiting: EngineEvent[] = [];

  const open = async (): Promise<OpenScreen> => {
    // React picks its fast build by this when it is loaded; `Io.env` is a copy made before.
    process.env['NODE_ENV'] ??= 'production';
    const { openScreen } = await import('../ui/ink/open-screen.tsx');
    const { stdout, now } = io;
    const opened = openScreen({ stdout, now, artifacts, why });
    for (const event of waiting.splice(0)) opened.emit(event);
    if (stopping) opened.stopAsked();
    reader = opened.emit;
    screen = opened;
    return opened;
  };
  const usePlain = (): void => {
    reader = plainPrinter({ write: io.out, now: io.now, artifacts, why, paint: io.paint });
    for (const event of waiting.splice(0)) reader(event);
  };

  return {
    emit: (event) => {
      if (reader !== undefined) {
        reader(event);
        return;
      }
      waiting.push(event);
      if (opening !== undefined) return;
      if (event.type === 'runtime' || (event.type === 'run-started' && !isNoOp(event))) opening = open();
      else if (event.type === 'run-started') usePlain();
    },
    stopAsked: () => {
      stopping = true;
      screen?.stopAsked();
      // While the plan is made there is no screen that could say it.
      if (opening === undefined && reader === undefined) io.err('ers: stopping (once more to leave at once)');
    },
    close: async () => {
      if (opening !== undefined) await (await opening).close();
      else if (waiting.length > 0) usePlain();
    },
    abandon: () => screen?.abandon(),
  };
}

function isNoOp(event: Extract<EngineEvent, { readonly type: 'run-started' }>): boolean {
  return event.stages.every(({ state }) => state === 'cached' || state === 'recorded' || state === 'frozen');
}
