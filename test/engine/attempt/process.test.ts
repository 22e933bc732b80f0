import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { endOrphans, orphansOf } from '../../../cache/orphans.ts';
import { runProcess, type ProcessRequest } from '../../../engine/attempt/process.ts';
import { stepped } from '../../stepped/stage.ts';
import { holdTimers } from '../hold-timers.ts';
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
    graceEnds: (asked) => asked,
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

test('a process that was asked to end is killed when its grace is over, and not while it is given more', async () => {
  const stage = await stepped();
  const [program = '', ...args] = stage.cmd();
  const attempt = `grace-${process.pid}`;
  for (const given of ['none', 'more'] as const) {
    const stop = new AbortController();
    const asks: number[] = [];
    let again = () => {};
    const askedAgain = new Promise<void>((resolve) => (again = resolve));
    const running = runProcess({
      ...sleeper(attempt),
      program,
      args,
      signal: stop.signal,
      graceEnds: (asked) => {
        asks.push(asked);
        if (asks.length > 1) again();
        if (given === 'none') return asked;
        return asks.length === 1 ? asked + 10 : asked + 60_000;
      },
    });
    const life = await stage.started();
    await life.holdSignals();
    stop.abort();
    if (given === 'none') {
      expect(await running).toMatchObject({ type: 'signal', signal: 'SIGKILL' });
      continue;
    }
    expect(await life.signalled).toBe('SIGTERM');
    await askedAgain;
    await life.finish();
    expect(await running).toMatchObject({ type: 'exit', code: 0, left: [] });
    expect(new Set(asks).size).toBe(1);
  }
});

test('a process that saves after a stop is not asked again when its time is over meanwhile', async () => {
  holdTimers();
  const stop = new AbortController();
  const attempt = `asked-once-${process.pid}`;
  const heard: string[] = [];
  const waiting = new Map<string, () => void>();
  const line = (text: string) => new Promise<void>((resolve) => waiting.set(text, resolve));
  const [ready, asked] = [line('ready'), line('SIGTERM')];
  let group = 0;
  const running = runProcess({
    ...sleeper(attempt),
    program: process.execPath,
    args: [
      '-e',
      `const alive = setInterval(() => {}, 1000);
       process.on('SIGTERM', (signal) => console.log(signal));
       process.on('SIGWINCH', () => clearInterval(alive));
       console.log('ready');`,
    ],
    signal: stop.signal,
    timeout: 60,
    graceEnds: (at) => at + 600_000,
    onGroup: (pid) => (group = pid),
    onLine: (_, text) => {
      heard.push(text);
      waiting.get(text)?.();
    },
  });
  await ready;
  stop.abort();
  await asked;
  vi.advanceTimersByTime(60_000);
  process.kill(group, 'SIGWINCH');
  expect(await running).toMatchObject({ type: 'timeout', left: [] });
  expect(heard).toEqual(['ready', 'SIGTERM']);
});

test('what was printed before the end is heard, also where this process then gets no time of the processor', async () => {
  const folder = tempFolder();
  const [go, done, helper] = [join(folder, 'go'), join(folder, 'done'), join(folder, 'helper')];
  // A helper that nobody finds holds stdout open, so that its end never comes, and says its words when it is told to.
  const late = `echo $$ > '${helper}'; read _ < '${go}'; echo last words; echo > '${done}'; exec sleep 300`;
  spawnSync('mkfifo', [go, done]);
  onTestFinished(() => void spawnSync('sh', ['-c', `kill -KILL "$(cat '${helper}')"`]));
  const lines: string[] = [];
  await runProcess({
    ...sleeper('late'),
    program: 'sh',
    args: ['-c', `env -i setsid sh -c "$0" & until [ -s '${helper}' ]; do sleep 0.01; done`, late],
    onLine: (_, line) => lines.push(line),
    endOrphans: () => {
      spawnSync('sh', ['-c', `echo > '${go}'; read _ < '${done}'`]);
      // Longer than output is awaited, and before it can be read.
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000));
      return Promise.resolve([]);
    },
  });
  expect(lines).toEqual(['last words']);
});
