import { jsonLine } from '../ui/json.ts';
import { plainPrinter } from '../ui/plain.ts';
import type { WhyLine } from '../ui/say.ts';
import type { Artifacts } from '../ui/summary.ts';
import type { Io } from './io.ts';
import { screenView } from './screen-view.ts';
import type { View } from './view.ts';

export type ViewMode = 'screen' | 'plain' | 'json';

/** Opens the reader for a mode. */
export function openView(mode: ViewMode, io: Io, artifacts: Artifacts, why: WhyLine): View {
  switch (mode) {
    case 'json':
      return {
        emit: (event) => io.out(jsonLine(event)),
        stopAsked: nothing,
        close: () => Promise.resolve(),
        abandon: nothing,
      };
    case 'plain':
      return plainView(io, artifacts, why);
    case 'screen':
      return screenView(io, artifacts, why);
  }
}

function plainView(io: Io, artifacts: Artifacts, why: WhyLine): View {
  const print = plainPrinter({ write: io.out, now: io.now, artifacts, why, paint: io.paint });
  const running = new Set<string>();
  return {
    emit: (event) => {
      if (event.type === 'stage-started') running.add(event.stage);
      if (event.type === 'stage-finished') running.delete(event.stage);
      print(event);
    },
    // A run that only waits for another has nothing to save.
    stopAsked: () =>
      io.out(
        running.size === 0
          ? 'ers: stopping (once more to leave at once)'
          : 'ers: stopping; the running stages save what they have (once more to leave at once)',
      ),
    close: () => Promise.resolve(),
    abandon: nothing,
  };
}

function nothing(): void {
  // This reader holds nothing.
}
