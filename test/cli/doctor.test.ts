import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { doctor, table } from '../../cli/doctor.ts';
import type { Health } from '../../runtime/doctor.ts';
import { installLimit, installedRuntime } from '../runtime/installed.ts';

let dir: string;
beforeAll(async () => {
  dir = await installedRuntime();
}, installLimit);

const health: Health = {
  node: '20.20.2',
  platform: 'linux-x64',
  glibc: '2.36',
  processor: { model: 'Some CPU', features: ['avx', 'avx2'], cores: 4 },
  memory: 16e9,
  disk: [{ of: 'runtime', folder: '/cache', free: 5e9 }],
  gpus: [],
  compiler: 'g++ 12',
  pip: 'pip 23',
  tensorflow: {
    version: '2.21.0',
    variant: 'linux-x64-cpu',
    dir: '/cache/tensorflow',
    state: 'works',
    bytes: 854e6,
    usesGpu: false,
    why: null,
  },
  unused: [],
  faults: [],
};

test('The table is aligned and ends in what to do', () => {
  expect(table(health)).toBe(`✓ Node            20.20.2
✓ Platform        linux-x64, glibc 2.36
✓ Processor       Some CPU, 4 cores
·   features      avx avx2
✓ Memory          16.0 GB
✓ Disk (runtime)  5.00 GB free at /cache
· GPU             no NVIDIA GPU: training runs on the processor
✓ C++ compiler    g++ 12
✓ pip             pip 23
✓ TensorFlow      2.21.0 (linux-x64-cpu), computes on the processor
·   folder        /cache/tensorflow (854 MB)

All that \`npx ers run\` needs is there.
`);
});

test('Each state of TensorFlow has its line', () => {
  const line = (state: Health['tensorflow']['state'], why: string | null): string | undefined =>
    table({ ...health, tensorflow: { ...health.tensorflow, state, why } })
      .split('\n')
      .find((text) => text.includes('TensorFlow '));
  expect(line('missing', null)).toContain('· TensorFlow      2.21.0 (linux-x64-cpu), not installed yet');
  expect(line('damaged', 'a.so is missing')).toContain(
    '✗ TensorFlow      2.21.0 (linux-x64-cpu), damaged: a.so is missing',
  );
  expect(line('broken', 'no AVX')).toContain(
    '✗ TensorFlow      2.21.0 (linux-x64-cpu), does not work: no AVX',
  );
  expect(line('unsupported', null)).toContain('not available for this machine');
});

test('A GPU that TensorFlow does not use is pointed out', () => {
  const text = table({ ...health, gpus: [{ name: 'NVIDIA X', driver: '570', computeCapability: 9 }] });
  expect(text).toContain('✓ GPU             NVIDIA X, driver 570');
  expect(text).toContain('·   tensor cores  bf16');
  expect(text).toContain('although there is a GPU: `npx ers setup --gpu`');
});

async function run(env: Record<string, string>): Promise<{ code: number; report: Health }> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  let out = '';
  const signal = new AbortController().signal;
  const code = await doctor(
    { json: true },
    { out: (text) => (out += text), error: () => undefined, signal, isTerminal: false },
  );
  for (const name of Object.keys(env)) {
    if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before[name];
  }
  return { code, report: JSON.parse(out) as Health };
}

test('On a machine with the runtime the report says that it works, and exit code 0', async () => {
  const { code, report } = await run({});
  expect(code).toBe(0);
  expect(report.tensorflow).toMatchObject({ version: '2.21.0', state: 'works', dir });
  expect(report.node).toBe(process.versions.node);
});

test('Without runtime and without tools it names all that is missing, and exit code 1', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'ers-doctor-'));
  const { code, report } = await run({ ERS_RUNTIME_DIR: join(empty, 'none'), PATH: empty });
  expect(code).toBe(1);
  expect(report.tensorflow.state).toBe('missing');
  expect(report.compiler).toBeNull();
  expect(report.pip).toBeNull();
  expect(report.faults.map((fault) => fault.code)).toContain('ERS_RUNTIME_TOOL_MISSING');
  rmSync(empty, { recursive: true });
});

test('A file in the place of the runtime folder is a fault with its place, and a ✗ line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ers-doctor-'));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const [path, why] of [
    [file, 'the path or a part of it is a file'],
    [join(file, 'below'), 'the path or a part of it is a file'],
  ] as const) {
    const { code, report } = await run({ ERS_RUNTIME_DIR: path });
    expect(code).toBe(1);
    expect(report.faults).toEqual([
      {
        code: 'ERS_RUNTIME_DISK',
        message: `The folder for native TensorFlow cannot be used: ${why}.`,
        place: { file: path },
        hint: 'Move the file away, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.',
      },
    ]);
    expect(table(report)).toMatch(/^✗ Disk \(runtime\)/m);
    expect(table(report)).not.toContain('the first run');
  }
  rmSync(folder, { recursive: true });
});

test.skipIf(process.platform !== 'linux')(
  'A place where no folder can be made is a fault, though permissions allow it (needs /proc)',
  async () => {
    const { code, report } = await run({ ERS_RUNTIME_DIR: '/proc/ers/runtime' });
    expect(code).toBe(1);
    expect(report.faults[0]).toMatchObject({
      code: 'ERS_RUNTIME_DISK',
      place: { file: '/proc/ers/runtime' },
    });
  },
);

test('Without runtime but with all tools a run is possible: exit code 0', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'ers-doctor-'));
  const { code, report } = await run({ ERS_RUNTIME_DIR: empty });
  expect(report.tensorflow.state).toBe('missing');
  expect(report.faults).toEqual([]);
  expect(code).toBe(0);
  rmSync(empty, { recursive: true });
});
