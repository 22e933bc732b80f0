import type { EngineEvent } from '../../engine/events.ts';
import { plainPrinter } from '../../ui/plain.ts';

/** The command of a run without options. */
export const plainWhy = (stage: string): string => `npx ers why ${stage}`;

/** A reader of events whose lines gather in `lines`. */
export function printerInto(lines: string[]): (event: EngineEvent) => void {
  return plainPrinter({ write: (line) => lines.push(line), now: () => 0, artifacts: {}, why: plainWhy });
}
