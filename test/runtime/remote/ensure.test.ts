import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../../../base/fault.ts';
import type { RuntimeEvent } from '../../../runtime/events.ts';
import { pathOf, type HubFile } from '../../../runtime/remote/address.ts';
import { ensureHubFile } from '../../../runtime/remote/ensure.ts';
import { sha256Of, startHub, type Hub, type HubManner } from './hub.ts';

const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) & 255);
const file: HubFile = {
  repo: 'somebody/net.weights',
  revision: '0123456789abcdef0123456789abcdef01234567',
  file: 'model.safetensors',
  sha256: sha256Of(bytes),
};
const address = `/${file.repo}/resolve/${file.revision}/${file.file}`;

let base: string;
let hub: Hub | undefined;
beforeEach(() => {
  base = join(mkdtempSync(join(tmpdir(), 'ers-remote-')), 'remote');
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  rmSync(dirname(base), { recursive: true, force: true });
});

async function ensure(manner: HubManner | 'same hub' = {}, wanted = file, env: NodeJS.ProcessEnv = {}) {
  if (manner !== 'same hub') {
    await hub?.close();
    hub = await startHub(address, bytes, manner);
  }
  const events: RuntimeEvent[] = [];
  const result = await ensureHubFile(wanted, {
    base,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    env: { HF_ENDPOINT: hub?.endpoint, ...env },
  });
  return { result, events, path: pathOf(wanted, base) };
}

function faultOf({ result }: Awaited<ReturnType<typeof ensure>>): Fault {
  if (result.ok || result.faults[0] === undefined) throw new Error('no fault');
  return result.faults[0];
}

/** Nothing but what is whole has the file's name, and nothing else is left. */
function leftAt(path: string): readonly string[] {
  return existsSync(dirname(path)) ? readdirSync(dirname(path)).sort() : [];
}

test('a file is fetched across a redirect, checked, told of, and not fetched again', async () => {
  const first = await ensure();
  expect(first.result).toEqual({ ok: true, value: null });
  expect(readFileSync(first.path).equals(bytes)).toBe(true);
  expect(leftAt(first.path)).toEqual(['model.safetensors', 'model.safetensors.sha256']);
  expect(readdirSync(base)).toEqual(['somebody--net.weights']);
  expect(hub?.requests).toEqual([address, '/elsewhere']);
  expect([...new Set(first.events.map(({ phase }) => phase))]).toEqual([
    'missing',
    'fetching',
    'checking',
    'ready',
  ]);
  expect(first.events.every(({ runtime }) => runtime === 'net.weights')).toBe(true);
  const told = first.events.filter(({ done }) => done !== undefined);
  expect(told.at(-1)).toMatchObject({ done: bytes.length, total: bytes.length });

  const second = await ensure('same hub');
  expect(second.result.ok).toBe(true);
  expect(second.events).toEqual([]);
  expect(hub?.requests).toHaveLength(2);
});

test('a cut connection is taken up where it ended, as often as something comes', async () => {
  const { result, path } = await ensure({ cuts: [100_000, 50_000] });
  expect(result.ok).toBe(true);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  const asked = hub?.requests.filter((request) => request.startsWith('/elsewhere')) ?? [];
  const starts = asked.map((request) => Number(/bytes=(\d+)-$/.exec(request)?.[1] ?? 0));
  // Of what was sent last before a cut some may not arrive.
  expect(starts).toHaveLength(3);
  expect(starts[0]).toBe(0);
  expect(starts[1]).toBeGreaterThan(0);
  expect(starts[1]).toBeLessThanOrEqual(100_000);
  expect(starts[2]).toBeGreaterThanOrEqual(starts[1] ?? Infinity);
  expect(starts[2]).toBeLessThanOrEqual(150_000);
});

test('what an ended run has brought is gone on with; without a digest of ours that of the hub is checked', async () => {
  const unpinned = { ...file, sha256: null };
  const cut = await ensure({ cuts: [100_000, 0, 0] }, unpinned);
  expect(faultOf(cut)).toMatchObject({
    code: 'ERS_FETCH',
    message: `net.weights cannot be fetched: ${hub?.endpoint ?? ''}: the connection was cut.`,
    hint: expect.stringMatching(
      /^Run again when the network is there: \d+ kB are kept\. Or fetch /,
    ) as string,
  });
  expect(leftAt(cut.path)).toEqual(['model.safetensors.part']);
  const kept = statSync(`${cut.path}.part`).size;
  expect(kept).toBeGreaterThan(0);
  const again = await ensure({}, unpinned);
  expect(again.result.ok).toBe(true);
  expect(hub?.requests).toEqual([`${address} bytes=${kept}-`, `/elsewhere bytes=${kept}-`]);
  expect(readFileSync(again.path).equals(bytes)).toBe(true);
  // The digest that was stated is kept, and is asked for when the file is used again.
  writeFileSync(again.path, bytes.subarray(1));
  expect((await ensure({}, unpinned)).result.ok).toBe(true);
  expect(readFileSync(again.path).equals(bytes)).toBe(true);
});

test('a server that knows no ranges sends it whole again', async () => {
  const { result, path } = await ensure({ cuts: [100_000], noRanges: true });
  expect(result.ok).toBe(true);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test.each([
  ['damaged', Uint8Array.from({ length: 1000 }, () => 7)],
  ['longer than the file', Uint8Array.from({ length: 300_001 }, () => 7)],
  ['already whole', bytes],
])('a part that is %s does no harm', async (_, part) => {
  const path = pathOf(file, base);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, part);
  expect((await ensure()).result.ok).toBe(true);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(leftAt(path)).toEqual(['model.safetensors', 'model.safetensors.sha256']);
});

test('wrong bytes are refused with both digests, and nothing is kept', async () => {
  const expected = 'a'.repeat(64);
  const wrong = await ensure({}, { ...file, sha256: expected });
  expect(faultOf(wrong)).toMatchObject({
    code: 'ERS_FETCH',
    message: `net.weights cannot be fetched: what came has the sha256 ${sha256Of(bytes)}; expected ${expected}.`,
  });
  expect(leftAt(wrong.path)).toEqual([]);
  const lying = await ensure({ states: expected }, { ...file, sha256: null });
  expect(faultOf(lying).message).toContain(`expected ${expected}`);
  const silent = await ensure({ states: null }, { ...file, sha256: null });
  expect(faultOf(silent).message).toContain('the server does not state its sha256');
  expect(leftAt(silent.path)).toEqual([]);
});

test.each([
  [404, 'the hub has no such file (HTTP 404)'],
  [403, 'the hub refuses to hand it out (HTTP 403)'],
  [503, 'the hub answers with HTTP 503'],
])('HTTP %i is told in words', async (status, why) => {
  const refused = await ensure({ status });
  expect(faultOf(refused).message).toBe(`net.weights cannot be fetched: ${why}.`);
  expect(leftAt(refused.path)).toEqual([]);
});

test.each([
  ['in a circle', () => '/round', /it sends on in a circle, back to http:\/\/127\.0\.0\.1:\d+\/round\.$/],
  [
    'on and on',
    (path: string) => `${path}x`,
    /it sends on more than 10 times, the last time to http:.*modelx*\.safetensorsx+\.$/,
  ],
  ['nowhere', () => 'http://[', /it sends on to "http:\/\/\[", which is no address\.$/],
])('a server that sends on %s is told as such, and is not asked for ever', async (_, sendsOn, why) => {
  const astray = await ensure({ sendsOn });
  expect(faultOf(astray)).toMatchObject({ code: 'ERS_FETCH', message: expect.stringMatching(why) as string });
  expect(faultOf(astray).hint).toContain('A proxy that asks for a login does so');
  expect(hub?.requests.length).toBeLessThanOrEqual(11);
  expect(leftAt(astray.path)).toEqual([]);
});

test('without a network the message gives the way by hand', async () => {
  await ensure({ status: 500 });
  await hub?.close();
  const endpoint = hub?.endpoint ?? '';
  const offline = await ensure('same hub', file, { HF_ENDPOINT: `${endpoint}/` });
  expect(faultOf(offline)).toEqual({
    code: 'ERS_FETCH',
    message: `net.weights cannot be fetched: ${endpoint}: the connection is refused.`,
    hint: `Fetch ${endpoint}${address} elsewhere, and write the path of that file here; HF_ENDPOINT names a mirror.`,
  });
  const nowhere = await ensure({}, file, { HF_ENDPOINT: 'not a url' });
  expect(faultOf(nowhere).message).toBe(
    'net.weights cannot be fetched: HF_ENDPOINT is "not a url"; expected an address such as https://hub.example.',
  );
  const forbidden = await ensure({}, file, { HF_HUB_OFFLINE: '1' });
  expect(faultOf(forbidden).message).toContain('HF_HUB_OFFLINE forbids it');
  expect(hub?.requests).toEqual([]);
});

test('two at once fetch it once', async () => {
  hub = await startHub(address, bytes);
  const both = await Promise.all([ensure('same hub'), ensure('same hub')]);
  expect(both.map(({ result }) => result.ok)).toEqual([true, true]);
  expect(hub.requests).toHaveLength(2);
});

test('an abort ends it and keeps what came', async () => {
  hub = await startHub(address, bytes, { cuts: [200_000] });
  const abort = new AbortController();
  const reason = new Error('stopped');
  const emit = ({ done = 0 }: RuntimeEvent) => {
    if (done > 0) abort.abort(reason);
  };
  const ended = ensureHubFile(file, { base, emit, signal: abort.signal, env: { HF_ENDPOINT: hub.endpoint } });
  await expect(ended).rejects.toBe(reason);
  expect(statSync(`${pathOf(file, base)}.part`).size).toBeGreaterThan(0);
  expect(readdirSync(base)).toEqual(['somebody--net.weights']);
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to is named', async () => {
  mkdirSync(base);
  chmodSync(base, 0o500);
  const refused = await ensure();
  chmodSync(base, 0o700);
  expect(faultOf(refused).message).toContain(`${base} cannot be written to: permission denied`);
});
