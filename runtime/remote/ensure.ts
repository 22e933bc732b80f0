import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { settle, type Result } from '../../base/fault.ts';
import { sayBytes, type Emit, type RuntimeEvent } from '../events.ts';
import { isAbsence } from '../install/errno.ts';
import { hashFile } from '../install/hash.ts';
import { openStaging, removeLeftovers, takeLock } from '../install/staging.ts';
import { endpointOf, isWebAddress, nameOf, pathOf, urlOf, type HubFile } from './address.ts';
import { Astray, BadAnswer, CutOff, download, sizeOf, type Stated } from './download.ts';
import { fetchFault, sayDisk, sayNetwork } from './fault.ts';

export interface EnsureHubFileOptions {
  /** Folder of all such files of this user. */
  readonly base: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/** Connections that may end early one after another: all, and those of them that bring nothing. */
const mostTries = 50;
const mostIdle = 2;
/** Least milliseconds between two reports of progress. */
const quiet = 100;

/**
 * Makes sure that a file of a hub lies at `pathOf` with the right content, and fetches it if not. What a cut connection or
 * a killed run has brought is gone on with. A file has its name only when its sha256 was found right.
 * Rejects with the signal's reason when it is aborted. Faults: ERS_FETCH.
 */
export function ensureHubFile(file: HubFile, options: EnsureHubFileOptions): Promise<Result<null>> {
  const { base, signal, env } = options;
  const endpoint = endpointOf(env);
  return settle(async () => {
    try {
      if (await isWhole(file, base, signal)) {
        await stampUse(pathOf(file, base));
        return null;
      }
      if (!isWebAddress(endpoint)) {
        throw fetchFault(
          file,
          endpoint,
          `HF_ENDPOINT is ${JSON.stringify(endpoint)}; expected an address such as https://hub.example`,
        );
      }
      mkdirSync(base, { recursive: true });
      removeLeftovers(base);
      const staging = openStaging(base);
      try {
        const waiting = (pid: number) =>
          say(file, options.emit, 'fetching', `waiting for process ${pid}, which is fetching it already`);
        const lockName = `${file.repo}-${file.revision}`.replaceAll('/', '--');
        const lock = await takeLock(base, lockName, staging, waiting, signal);
        try {
          if (!(await isWhole(file, base, signal))) await fetchWhole(file, endpoint, options);
          return null;
        } finally {
          lock.release();
        }
      } finally {
        staging.drop();
      }
    } catch (error) {
      const disk = sayDisk(error);
      if (disk === undefined) throw error;
      throw fetchFault(file, endpoint, `${base} cannot be written to: ${disk}`);
    }
  });
}

async function fetchWhole(
  file: HubFile,
  endpoint: string,
  { base, emit, signal, env }: EnsureHubFileOptions,
): Promise<void> {
  if (/^(1|on|yes|true)$/i.test(env['HF_HUB_OFFLINE'] ?? '')) {
    throw fetchFault(file, endpoint, 'HF_HUB_OFFLINE forbids it', 'Unset it.');
  }
  const path = pathOf(file, base);
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const begun = await sizeOf(part);
  const goesOn = begun === 0 ? '' : `; ${sayBytes(begun)} are here already`;
  const from = `${file.repo} (revision ${file.revision.slice(0, 12)})`;
  say(
    file,
    emit,
    'missing',
    `Fetching ${file.file} of ${from} into ${base}, which all checkouts share${goesOn}.`,
  );
  const stated = await fetchParts(file, endpoint, part, emit, signal);
  const expected = file.sha256 ?? stated.sha256;
  if (expected === undefined) {
    await rm(part);
    throw fetchFault(file, endpoint, 'the server does not state its sha256, so that it could not be checked');
  }
  say(file, emit, 'checking', 'comparing its sha256');
  const found = await hashFile(part, signal);
  if (found !== expected) {
    await rm(part);
    // What was here before may have been the damaged piece.
    if (begun > 0) return fetchWhole(file, endpoint, { base, emit, signal, env });
    throw fetchFault(file, endpoint, `what came has the sha256 ${found}; expected ${expected}`);
  }
  await writeFile(digestFile(path), `${expected}\n`);
  await rename(part, path);
  say(file, emit, 'ready', `fetched, ${sayBytes(await sizeOf(path))}`);
}

/** Goes on after each cut, as long as something comes. */
async function fetchParts(
  file: HubFile,
  endpoint: string,
  part: string,
  emit: Emit,
  signal: AbortSignal,
): Promise<Stated> {
  let next = 0;
  const progress = (done: number, total: number | undefined) => {
    const now = performance.now();
    if (total === undefined || (now < next && done < total)) return;
    next = now + quiet;
    say(file, emit, 'fetching', 'fetching', { done, total });
  };
  let idle = 0;
  for (let tries = 1; ; tries += 1) {
    const before = await sizeOf(part);
    try {
      return await download(urlOf(file, endpoint), part, { signal, progress });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BadAnswer) throw fetchFault(file, endpoint, sayStatus(error.status));
      if (error instanceof Astray) {
        const then = 'A proxy that asks for a login does so: see that HTTPS_PROXY and HF_ENDPOINT are right.';
        throw fetchFault(file, endpoint, `${endpoint} does not hand it out: ${error.message}`, then);
      }
      const why = error instanceof CutOff ? 'the connection was cut' : sayNetwork(error);
      if (why === undefined) throw error;
      const now = await sizeOf(part);
      idle = now > before ? 0 : idle + 1;
      if (tries < mostTries && idle < mostIdle) continue;
      const keeps = now > 0 ? `Run again when the network is there: ${sayBytes(now)} are kept.` : '';
      throw fetchFault(file, endpoint, `${endpoint}: ${why}`, keeps);
    }
  }
}

function sayStatus(status: number): string {
  if (status === 404 || status === 410) return `the hub has no such file (HTTP ${status})`;
  if (status === 401 || status === 403) return `the hub refuses to hand it out (HTTP ${status})`;
  return `the hub answers with HTTP ${status}`;
}

async function isWhole(file: HubFile, base: string, signal: AbortSignal): Promise<boolean> {
  const path = pathOf(file, base);
  try {
    const expected = file.sha256 ?? (await readFile(digestFile(path), 'utf8')).trim();
    return (await hashFile(path, signal)) === expected;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** So that `ers gc` knows what is in use. Beside the file, whose own stamps a stage that reads it may be watching. */
async function stampUse(path: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(digestFile(path), now, now);
  } catch (error) {
    // A folder of another user: gc removes nothing there.
    if (sayDisk(error) === undefined && !isAbsence(error)) throw error;
  }
}

/** What was checked when the file came, for a file whose digest is not pinned. */
function digestFile(path: string): string {
  return `${path}.sha256`;
}

function say(
  file: HubFile,
  emit: Emit,
  phase: RuntimeEvent['phase'],
  text: string,
  progress?: { readonly done: number; readonly total: number },
): void {
  emit({ type: 'runtime', runtime: nameOf(file), phase, text, ...progress });
}
