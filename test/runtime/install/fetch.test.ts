import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { settle } from '../../../base/fault.ts';
import { fetchWheels, pipFault } from '../../../runtime/install/fetch.ts';
import { findProgram } from '../../../runtime/machine.ts';
import { pins, type Wheel } from '../../../runtime/pins.ts';
import { writeWheel } from '../fake-wheel.ts';

// The real pip, with a folder as its only index: no network.
const python = findProgram(['python3']) ?? 'python3';
let dir: string;
let wheel: Wheel;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ers-fetch-'));
  mkdirSync(join(dir, 'index'));
  const file = 'ers_fake-1.0-cp312-cp312-manylinux_2_27_x86_64.whl';
  const info = 'ers_fake-1.0.dist-info';
  writeWheel(join(dir, 'index', file), [
    { path: 'tensorflow/libx.so', from: 'x'.repeat(5000), deflate: true },
    { path: `${info}/METADATA`, from: 'Metadata-Version: 2.1\nName: ers-fake\nVersion: 1.0\n' },
    {
      path: `${info}/WHEEL`,
      from: 'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp312-cp312-manylinux_2_27_x86_64\n',
    },
    { path: `${info}/RECORD`, from: '' },
  ]);
  const path = join(dir, 'index', file);
  wheel = {
    package: 'ers-fake',
    version: '1.0',
    platforms: ['manylinux_2_27_x86_64'],
    file,
    sha256: sha256(readFileSync(path)),
    bytes: statSync(path).size,
    kept: 5000,
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

function fetchWith(env: NodeJS.ProcessEnv, wanted: Wheel = wheel): Promise<readonly string[]> {
  return fetchWheels([wanted], {
    python,
    staging: dir,
    note: join(dir, 'program'),
    progress: () => undefined,
    signal: new AbortController().signal,
    env: { ...process.env, PIP_CONFIG_FILE: '/dev/null', ...env },
  });
}

const folderIndex = (): NodeJS.ProcessEnv => ({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(dir, 'index') });

test('pip brings the pinned file, also where it may only install into virtual environments', async () => {
  const files = await fetchWith({ ...folderIndex(), PIP_REQUIRE_VIRTUALENV: '1' });
  expect(files.map((file) => basename(file))).toEqual([wheel.file]);
  expect(sha256(readFileSync(files[0] ?? ''))).toBe(wheel.sha256);
});

test('A file with another sha256 is refused and both hashes are named', async () => {
  const pinned = '0'.repeat(64);
  const result = await settle(() => fetchWith(folderIndex(), { ...wheel, sha256: pinned }));
  expect(result).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_RUNTIME_FETCH',
        message: `The package index gave a file whose sha256 is ${wheel.sha256}, expected ${pinned}. It was not used.`,
      },
    ],
  });
});

test('An index without the package is one message with the way around', async () => {
  const result = await settle(() => fetchWith(folderIndex(), { ...wheel, version: '2.0' }));
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.faults[0]?.message).toBe(
    'pip found no ers-fake 2.0 or one of its companions: its package index does not offer it or cannot be reached.',
  );
  expect(result.faults[0]?.hint).toContain('npx ers setup --wheel FILE');
});

test('An index that cannot be reached is one message with the reason', async () => {
  const result = await settle(() =>
    fetchWith({
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_RETRIES: '1',
      PIP_NO_INDEX: '',
      PIP_FIND_LINKS: '',
    }),
  );
  expect(result).toMatchObject({
    ok: false,
    faults: [
      { code: 'ERS_RUNTIME_FETCH', message: 'pip cannot reach the package index: Connection refused.' },
    ],
  });
});

test('A disk that becomes full under pip is said so', () => {
  expect(
    pipFault('ERROR: Could not install: [Errno 28] No space left on device', pins['linux-x64-cpu']).code,
  ).toBe('ERS_RUNTIME_DISK');
});

test('Any other failure of pip is handed on in its own words', () => {
  const fault = pipFault('Looking in indexes\nERROR: something new\n', pins['linux-x64-gpu']);
  expect(fault.message).toBe('pip could not fetch TensorFlow: ERROR: something new');
  expect(fault.hint).toContain('the 13 wheels (3.38 GB)');
  expect(fault.hint).toContain('--wheel FOLDER');
});
