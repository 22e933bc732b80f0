import { beforeAll, expect, test } from 'vitest';
import type { RuntimeProvider } from '../../engine/runtime-provider.ts';
import type { RuntimeEvent } from '../../runtime/events.ts';
import { loadedDriver } from '../../runtime/gpu.ts';
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
        TF_NUM_INTEROP_THREADS: '4',
      },
    },
  });
});

test.each([
  [true, 'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR'],
  [
    true,
    'I0000 00:00:1795410892.123456    4711 port.cc:153] oneDNN custom operations are on. You may see slightly different numerical results.',
  ],
  [true, 'W0000 00:00:1795410892.123456    4711 gpu_device.cc:2344] Cannot dlopen some GPU libraries.'],
  [false, 'E0000 00:00:1795410892.123456    4711 cuda_dnn.cc:8310] Unable to register cuDNN factory'],
  [false, 'F0000 00:00:1795410892.123456    4711 allocator.cc:12] out of memory'],
  [false, 'I0000 rows were read'],
])('Noise (%s): %s', async (expected, line) => {
  const ready = await tensorflowProvider().ensure(() => undefined, new AbortController().signal);
  if (!ready.ok) throw new Error('not installed');
  expect(ready.value.noise.some((pattern) => pattern.test(line))).toBe(expected);
});

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'The record of what is made for a GPU names the GPUs and the driver, and that TF32 is off; of the processor’s variant it does not (Linux x86-64)',
  () => {
    expect(tensorflowProvider({ variant: 'gpu' }).fingerprint()).toMatchObject({
      variant: 'linux-x64-gpu',
      tf32: '0',
      ...loadedDriver(),
    });
    const ofProcessor = tensorflowProvider({ variant: 'cpu' }).fingerprint();
    for (const name of ['gpus', 'tf32']) expect(ofProcessor).not.toHaveProperty(name);
  },
);
