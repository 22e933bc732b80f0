import { FaultError } from '../../base/fault.ts';
import { sayErrno } from '../../base/system-error.ts';
import { systemCode } from '../install/errno.ts';
import { nameOf, urlOf, type HubFile } from './address.ts';

/** ERS_FETCH with the way by hand; the engine adds the line of the config. */
export function fetchFault(file: HubFile, endpoint: string, why: string, then = ''): FaultError {
  return new FaultError({
    code: 'ERS_FETCH',
    message: `${nameOf(file)} cannot be fetched: ${why}.`,
    hint: `${then === '' ? 'Fetch' : `${then} Or fetch`} ${urlOf(file, endpoint)} elsewhere, and write the path of that file here; HF_ENDPOINT names a mirror.`,
  });
}

const network: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is unknown',
  EAI_AGAIN: 'its host cannot be looked up',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nothing answers',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_BODY_TIMEOUT: 'nothing came for too long',
  UND_ERR_HEADERS_TIMEOUT: 'nothing answers',
};

/** Why a request failed, in plain words; undefined for what is no fault of a network. */
export function sayNetwork(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = systemCode(at);
    if (code !== undefined && network[code] !== undefined) return network[code];
    if (code !== undefined && /^(CERT|ERR_TLS|UNABLE|DEPTH|SELF)/.test(code)) {
      return `its certificate is not trusted (${code})`;
    }
  }
  // The cause of what undici rejects with may have several errors, one an address, or no code at all.
  if (error instanceof TypeError && /fetch failed|terminated/.test(error.message)) {
    const { cause } = error;
    const inner = cause instanceof AggregateError ? sayNetwork(cause.errors[0]) : undefined;
    return (
      inner ?? (cause instanceof Error && cause.message !== '' ? cause.message : 'the connection was cut')
    );
  }
  return undefined;
}

/** What a disk says when it cannot be written to. */
export function sayDisk(error: unknown): string | undefined {
  const code = systemCode(error);
  const disk = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EISDIR'];
  return code !== undefined && disk.includes(code) ? sayErrno(code) : undefined;
}
