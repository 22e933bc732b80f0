import type { EngineEvent } from '../engine/events.ts';

/** `--json`: one event a line, exactly as the engine said it. Numbers that JSON cannot hold are written as text. */
export function jsonLine(event: EngineEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
