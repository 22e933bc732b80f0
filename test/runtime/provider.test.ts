import { beforeAll, expect, test } from 'vitest';
import type { RuntimeProvider } from '../../engine/runtime-provider.ts';
import type { RuntimeEvent } from '../../runtime/events.ts';
import { tensorflowProvider } from '../../runtime/provider.ts';
import { installLimit, installedRuntime } from './installed.ts';

let dir: string;
beforeAll(async () => {
  dir = await installedRuntime();
}, installLimit);

test('The engine can use it as a runtime: name and major.minor without a look at the disk', () => {
  const provider: RuntimeProvider = tensorflowProvider();
  expect(provider.name).toBe('tensorflow');
  expect(provider.version()).toBe('2.21');
});

test('An installed runtime is ready without a word, with its fingerprint and the environment of its process', async () => {
  const events: RuntimeEvent[] = [];
  const ready = await tensorflowProvider({ threads: 2 }).ensure(
    (event) => events.push(event),
    new AbortController().signal,
  );
  expect(events).toEqual([]);
  expect(ready).toMatchObject({
    ok: true,
    value: {
      dir,
      fingerprint: { tensorflow: '2.21.0', threads: 2 },
      env: {
        TF_CPP_MIN_LOG_LEVEL: '2',
        TF_FORCE_GPU_ALLOW_GROWTH: 'true',
        TF_NUM_INTRAOP_THREADS: '2',
        TF_NUM_INTEROP_THREADS: '2',
      },
    },
  });
});
