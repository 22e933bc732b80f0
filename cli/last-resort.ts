import { inspect } from 'node:util';
import { asSystemError, sayErrno } from '../base/system-error.ts';

/**
 * An error that nothing caught. What the system refused (a full disk, a missing right) is one sentence that names the path;
 * with `debug` its stack follows. Anything else is a bug and is shown whole.
 */
export function sayUncaught(error: unknown, debug: boolean): string {
  const system = asSystemError(error);
  if (system === undefined) return inspect(error);
  const where = system.path === undefined ? '' : `${system.path}: `;
  const sentence = `ers had to end. ${where}${sayErrno(system.code)}, on ${system.call}. This is a bug of ers if nothing is wrong with that path or this machine; ERS_DEBUG=1 shows where it happened.`;
  return debug ? `${sentence}\n${inspect(error)}` : sentence;
}
