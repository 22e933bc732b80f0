import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setup, type SetupIo } from '../../cli/setup.ts';
import { rememberedDevice } from '../../runtime/variant.ts';

let base: string;
let out: string;
let errors: string;
let before: string | undefined;
let io: SetupIo;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ers-setup-'));
  before = process.env['ERS_RUNTIME_DIR'];
  process.env['ERS_RUNTIME_DIR'] = base;
  out = '';
  errors = '';
  io = {
    out: (text) => (out += text),
    error: (text) => (errors += text),
    signal: new AbortController().signal,
    isTerminal: false,
  };
});
afterEach(() => {
  if (before === undefined) delete process.env['ERS_RUNTIME_DIR'];
  else process.env['ERS_RUNTIME_DIR'] = before;
  rmSync(base, { recursive: true });
});

test('--gpu and --cpu together are a usage fault', async () => {
  expect(await setup({ gpu: true, cpu: true }, io)).toBe(2);
  expect(errors).toBe('Give --gpu or --cpu, not both. [ERS_USAGE]\n');
});

test('A wheel that is not the pinned one fails with its hash, leaves nothing and chooses no device', async () => {
  const wheel = join(base, 'other.whl');
  writeFileSync(wheel, 'other');
  expect(await setup({ cpu: true, wheel }, io)).toBe(1);
  expect(errors).toContain('[ERS_RUNTIME_FETCH]');
  expect(errors).toMatch(/with sha256 [0-9a-f]{64} \(\d+ bytes\) is not here\./);
  expect(readdirSync(base)).toEqual(['other.whl']);
  expect(rememberedDevice(base)).toBeUndefined();
});

test('A file in the place of the runtime folder is a fault, not a stack, and nothing to remove', async () => {
  const file = join(base, 'file');
  writeFileSync(file, '');
  process.env['ERS_RUNTIME_DIR'] = file;
  expect(await setup({}, io)).toBe(1);
  expect(errors).toContain('cannot be used: the path or a part of it is a file');
  expect(errors).toContain('[ERS_RUNTIME_DISK]');
  expect(await setup({ remove: true }, io)).toBe(0);
  expect(out).toBe(`nothing to remove in ${file}\n`);
});

test('An interrupted setup gives 130 and leaves nothing', async () => {
  const signal = AbortSignal.abort();
  expect(await setup({}, { ...io, signal })).toBe(130);
  expect(errors).toContain('nothing was installed');
  expect(readdirSync(base)).toEqual([]);
});

test('--remove removes runtimes of every version, leftovers and the choice, and names them', async () => {
  const old = join(base, 'tensorflow-2.20.0-linux-x64-cpu-0123456789ab');
  mkdirSync(old);
  mkdirSync(join(base, '.installing-999999999-1-00000000-abcdef'));
  writeFileSync(join(base, 'device'), 'cpu\n');
  expect(await setup({ remove: true }, io)).toBe(0);
  expect(out).toBe(`removed ${old} (0 B)\n`);
  expect(existsSync(old)).toBe(false);
  // A leftover of another machine or boot is kept for a day: it may be alive.
  expect(readdirSync(base)).toEqual(['.installing-999999999-1-00000000-abcdef']);
  out = '';
  expect(await setup({ remove: true }, io)).toBe(0);
  expect(out).toBe(`nothing to remove in ${base}\n`);
});
