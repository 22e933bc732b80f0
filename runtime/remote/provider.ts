import type { Result } from '../../base/fault.ts';
import type { Emit } from '../events.ts';
import { remoteBase } from '../place.ts';
import { pathOf, type HubFile } from './address.ts';
import { ensureHubFile } from './ensure.ts';

/** Files of a hub as the engine sees them: structurally `RemoteFiles` of engine/remote-files.ts. */
export interface HubFiles {
  readonly folder: string;
  pathOf(file: HubFile): string;
  ensure(file: HubFile, emit: Emit, signal: AbortSignal): Promise<Result<null>>;
}

export function hubFiles(env: NodeJS.ProcessEnv): HubFiles {
  const base = remoteBase(env);
  return {
    folder: base,
    pathOf: (file) => pathOf(file, base),
    ensure: (file, emit, signal) => ensureHubFile(file, { base, emit, signal, env }),
  };
}
