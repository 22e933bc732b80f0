import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rememberDevice, rememberedDevice, variantFor } from '../../runtime/variant.ts';

const linux = { platform: 'linux', arch: 'x64' };
const yes = (): boolean => true;
const no = (): boolean => false;

test('The GPU variant is chosen where a driver is loaded, unless the user chose otherwise', () => {
  expect(variantFor(linux, undefined, undefined, yes)).toEqual({ ok: true, value: 'linux-x64-gpu' });
  expect(variantFor(linux, undefined, undefined, no)).toEqual({ ok: true, value: 'linux-x64-cpu' });
  expect(variantFor(linux, undefined, 'cpu', yes)).toEqual({ ok: true, value: 'linux-x64-cpu' });
  expect(variantFor(linux, 'gpu', 'cpu', no)).toEqual({ ok: true, value: 'linux-x64-gpu' });
});

test.each([
  ['linux', 'arm64', 'linux-arm64-cpu'],
  ['darwin', 'arm64', 'darwin-arm64-cpu'],
])('%s on %s has its own variant', (platform, arch, value) => {
  expect(variantFor({ platform, arch }, undefined, undefined, yes)).toEqual({ ok: true, value });
});

test.each([
  ['win32', 'x64', undefined, /Windows.*/, /Windows Subsystem for Linux/],
  ['darwin', 'x64', undefined, /for darwin-x64\.$/, /Apple silicon/],
  ['freebsd', 'x64', undefined, /for freebsd-x64\.$/, /Linux on x86-64/],
  ['linux', 'arm64', 'gpu', /no GPU variant for linux-arm64/, /Leave out --gpu/],
] as const)('%s on %s, wish %s: one message', (platform, arch, wish, message, hint) => {
  const result = variantFor({ platform, arch }, wish, undefined, no);
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.faults).toHaveLength(1);
  expect(result.faults[0]?.code).toBe('ERS_RUNTIME_PLATFORM');
  expect(result.faults[0]?.message).toMatch(message);
  expect(result.faults[0]?.hint).toMatch(hint);
});

test('The choice of a device is remembered beside the runtimes', () => {
  const base = mkdtempSync(join(tmpdir(), 'ers-device-'));
  expect(rememberedDevice(base)).toBeUndefined();
  rememberDevice(base, 'cpu');
  expect(rememberedDevice(base)).toBe('cpu');
  rmSync(base, { recursive: true });
});
