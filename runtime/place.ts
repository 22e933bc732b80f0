import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder that holds all installed runtimes of this user, shared by all checkouts: `ERS_RUNTIME_DIR`,
 * else `ers/runtime` in the user's cache folder.
 */
export function runtimeBase(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['ERS_RUNTIME_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const cache = env['XDG_CACHE_HOME'];
  const root = cache === undefined || cache === '' ? join(homedir(), '.cache') : resolve(cache);
  return join(root, 'ers', 'runtime');
}
