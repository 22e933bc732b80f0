import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves; what is left out is as a hub does it. */
export interface HubManner {
  /** Bytes after which the connection is cut, one number for each request of the bytes in turn; then it is cut no more. */
  readonly cuts?: number[];
  /** Answers every request with this status. */
  readonly status?: number;
  /** Sends the whole file, whatever range is asked for. */
  readonly noRanges?: boolean;
  /** Where it sends on from a path, instead of handing out anything. */
  readonly sendsOn?: (path: string) => string;
  /** What it states as the sha256; null: nothing. */
  readonly states?: string | null;
}

export interface Hub {
  readonly endpoint: string;
  /** `PATH` and `PATH bytes=N-` of each request, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A hub on this machine that holds one file: a redirect that states its digest, then the bytes from elsewhere. */
export async function startHub(path: string, bytes: Uint8Array, manner: HubManner = {}): Promise<Hub> {
  const requests: string[] = [];
  const cuts = [...(manner.cuts ?? [])];
  const sha256 = manner.states === undefined ? sha256Of(bytes) : manner.states;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { range } = request.headers;
    requests.push([request.url, ...(range === undefined ? [] : [range])].join(' '));
    if (manner.status !== undefined) {
      response.writeHead(manner.status).end();
    } else if (manner.sendsOn !== undefined) {
      response.writeHead(302, { location: manner.sendsOn(request.url ?? '') }).end();
    } else if (request.url === path) {
      const stated = sha256 === null ? {} : { 'x-linked-etag': `"${sha256}"` };
      response.writeHead(302, { location: '/elsewhere', ...stated }).end();
    } else if (request.url === '/elsewhere') {
      send(response, range);
    } else {
      response.writeHead(404).end();
    }
  };
  const send = (response: ServerResponse, range: string | undefined): void => {
    const start = manner.noRanges === true ? 0 : Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const length = { 'content-length': bytes.length - start };
    if (start === 0) response.writeHead(200, length);
    else {
      const part = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(206, { ...length, ...part });
    }
    const cut = cuts.shift();
    if (cut === undefined) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, start + cut), () => response.destroy());
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
