import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './project.ts';

const bin = fileURLToPath(new URL('../../bin/ers.js', import.meta.url));
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

const asNobody = isRoot
  ? ['setpriv', '--reuid', String(nobody), '--regid', String(nobody), '--clear-groups']
  : [];

/**
 * Rights do not bind root: then a test needs `setpriv` to be somebody else, and a Node that this
 * somebody may start again (one in a folder closed to others is none). It is skipped without them.
 */
export const rightsCount = !isRoot || startsItself();

function startsItself(): boolean {
  const again = "child_process.spawnSync(process.execPath, ['--version']).status";
  const [program, ...rest] = [...asNobody, process.execPath, '-e', `process.exit(${again} ?? 1)`];
  return spawnSync(program, rest).status === 0;
}

/** Gives a path to the user who `ersUnprivileged` is. */
export function hand(path: string): void {
  if (isRoot) chownSync(path, nobody, nobody);
}

/** `ers` as a user for whom the rights of files count; from another launcher if `script` names one. */
export function ersUnprivileged(cwd: string, args: readonly string[], script = bin): Outcome {
  const [program = '', ...rest] = [...asNobody, process.execPath, script, ...args];
  const { status, stdout, stderr } = spawnSync(program, rest, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', HOME: cwd },
  });
  return { code: status, out: stdout, err: stderr };
}
