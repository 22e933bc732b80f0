import { onTestFinished, vi } from 'vitest';

/**
 * Until the test ends no limit of an engine in this process runs out, however long this process waits for the processor:
 * time passes when the test says so, by `vi.advanceTimersByTime`. Other processes, and pauses, go by the real clock.
 */
export function holdTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}
