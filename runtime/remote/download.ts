import { open, rm, stat } from 'node:fs/promises';
import { isAbsence } from '../install/errno.ts';

/** What a server that has the file says of it. */
export interface Stated {
  /** sha256 of the whole file, where a hub states it. */
  readonly sha256: string | undefined;
}

interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Bytes that are here, of how many if the server says so. */
  readonly progress: (done: number, total: number | undefined) => void;
}

/** An answer other than the file. */
export class BadAnswer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** The server sends on and on, or nowhere: a proxy that wants a login, for instance. The message says what `it` does. */
export class Astray extends Error {}

/** The connection ended before the file did; what came is kept in the part. */
export class CutOff extends Error {}

const mostRedirects = 10;
/** Longest silence of a server, in milliseconds. */
const mostSilence = 60_000;

/**
 * Fetches the rest of a file into `part`, behind the bytes that are there already; a server that does not send a rest sends
 * it whole, from its beginning. The part is whole and on the disk when this returns.
 * Throws `BadAnswer`, `CutOff` and whatever `fetch` throws; rejects with the signal's reason when it is aborted.
 */
export async function download(url: string, part: string, options: DownloadOptions): Promise<Stated> {
  const have = await sizeOf(part);
  options.signal.throwIfAborted();
  const ending = new AbortController();
  const stop = () => ending.abort(options.signal.reason);
  options.signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => ending.abort(new CutOff()), mostSilence);
  try {
    const { response, sha256 } = await ask(url, have, ending.signal);
    timer.refresh();
    const { status, headers, body } = response;
    if (status === 416) {
      await body?.cancel();
      if (totalOf(headers) === have) return { sha256 };
      // More is here than there is: it is of no use.
      await rm(part);
      return await download(url, part, options);
    }
    if (status !== 200 && status !== 206) {
      await body?.cancel();
      throw new BadAnswer(status);
    }
    const start = status === 206 ? startOf(headers) : 0;
    const total = status === 206 ? totalOf(headers) : lengthOf(headers);
    if (start !== 0 && start !== have) throw new BadAnswer(status);
    const seen = (done: number) => {
      timer.refresh();
      options.progress(done, total);
    };
    await receive({ body, signal: ending.signal, start, total }, part, seen);
    return { sha256 };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
  }
}

async function ask(
  url: string,
  have: number,
  signal: AbortSignal,
): Promise<Stated & { readonly response: Response }> {
  let sha256: string | undefined;
  let at = url;
  const passed = new Set<string>();
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    // Compressed on its way, a rest could not be joined to what is here.
    const headers = { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
    const response = await fetch(at, { headers, redirect: 'manual', signal });
    // The hub states it where it sends on to where the bytes are; those may have a tag of another kind.
    sha256 ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1];
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (next === null) return { response, sha256 };
    await response.body?.cancel();
    passed.add(at);
    if (!URL.canParse(next, at))
      throw new Astray(`it sends on to ${JSON.stringify(next)}, which is no address`);
    at = new URL(next, at).href;
    if (passed.has(at)) throw new Astray(`it sends on in a circle, back to ${at}`);
  }
  throw new Astray(`it sends on more than ${mostRedirects} times, the last time to ${at}`);
}

interface Coming {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal;
  /** Bytes ahead of the body's first. */
  readonly start: number;
  readonly total: number | undefined;
}

async function receive(
  { body, signal, start, total }: Coming,
  part: string,
  progress: (done: number) => void,
): Promise<void> {
  const reader = body?.getReader();
  // An abort that comes between two reads does not end the next one by itself (Node 20). A broken stream rejects: it has ended.
  const cancel = () => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  // Asked for ahead of its turn: a stream that breaks drops what nobody waited for.
  let coming = reader?.read();
  coming?.catch(() => undefined);
  const file = await open(part, start === 0 ? 'w' : 'r+');
  let done = start;
  try {
    progress(done);
    for (;;) {
      signal.throwIfAborted();
      const chunk = await coming;
      if (chunk?.value === undefined) break;
      coming = reader?.read();
      coming?.catch(() => undefined);
      await file.write(chunk.value, 0, chunk.value.length, done);
      done += chunk.value.length;
      progress(done);
    }
    signal.throwIfAborted();
    await file.sync();
  } finally {
    signal.removeEventListener('abort', cancel);
    await file.close();
  }
  if (total !== undefined && done !== total) throw new CutOff();
}

/** Size of a file in bytes; 0 if it is not there. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsence(error)) return 0;
    throw error;
  }
}

function startOf(headers: Headers): number | undefined {
  return numberOf(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]);
}

function totalOf(headers: Headers): number | undefined {
  return numberOf(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]);
}

function lengthOf(headers: Headers): number | undefined {
  return numberOf(headers.get('content-length') ?? undefined);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
