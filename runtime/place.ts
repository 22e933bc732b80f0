import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder that holds all installed runtimes of this user, shared by all checkouts: `ERS_RUNTIME_DIR`,
 * else `ers/runtime` in the user's cache folder.
 */
export function runtimeBase(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['ERS_RUNTIME_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(userCache(env), 'ers', 'runtime');
}

/**
 * The folder that holds files which were fetched from a hub, such as pretrained weights: `ERS_REMOTE_DIR`, else
 * `ers/remote` in the user's cache folder.
 */
export function remoteBase(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['ERS_REMOTE_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(userCache(env), 'ers', 'remote');
}

function userCache(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'];
  return cache === undefined || cache === '' ? join(homedir(), '.cache') : resolve(cache);
}
