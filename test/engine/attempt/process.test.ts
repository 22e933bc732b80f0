import { expect, test } from 'vitest';
import { endOrphans, orphansOf } from '../../../cache/orphans.ts';
import { runProcess, type ProcessRequest } from '../../../engine/attempt/process.ts';
import { tempFolder } from '../pipelines.ts';

function sleeper(attempt: string): ProcessRequest {
  return {
    program: 'sleep',
    args: ['300'],
    cwd: tempFolder(),
    env: { PATH: process.env['PATH'] ?? '', ERS_ATTEMPT: attempt },
    onLine: () => undefined,
    noise: [],
    signal: new AbortController().signal,
    timeout: null,
    onGroup: () => undefined,
    endOrphans: () => endOrphans(attempt),
  };
}

test('a process whose group cannot be written down, on a full disk for instance, is ended', async () => {
  const attempt = `unwritten-${process.pid}`;
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  const running = runProcess({
    ...sleeper(attempt),
    onGroup: () => {
      throw full;
    },
  });
  await expect(running).rejects.toBe(full);
  expect(orphansOf(attempt)).toEqual([]);
});
