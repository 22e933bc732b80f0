import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { byCodeUnit } from '../../base/canonical.ts';
import { sha256, type Digest } from '../../base/digest.ts';

/** What git says of the project's files. */
export type GitState = {
  readonly commit: string;
  /** Files that differ from the commit or that git does not know, relative to the repository; the first hundred. */
  readonly dirty: readonly string[];
  /** How many there are in all. */
  readonly changes: number;
  /** Of the diff and of the names of the files that git does not know; null where nothing is dirty or the diff is huge. */
  readonly digest: Digest | null;
  /** The diff itself up to 64 kB. */
  readonly diff: string | null;
};

const maxNames = 100;
const maxDiff = 64_000;
/** Bytes that git may print; more is no diff but data. */
const maxOutput = 32_000_000;
/** ms; a repository on a slow share must not hold a run up, and a machine with much to do must not lose its commit. */
const patience = 30_000;

/** Programs that git would start by its config are none here: hooks, a file system monitor, external diffs, a pager. */
const quiet = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'core.untrackedCache=false'],
  ...[
    '-c',
    'submodule.recurse=false',
    '-c',
    'diff.external=',
    '--no-optional-locks',
    '--no-pager',
    '--literal-pathspecs',
  ],
];

/** What ers itself writes is no change of the user's. */
const own = /(^|\/)(\.ers|artifacts)(\/|$)|(^|\/)pipeline\.lock$/;

/**
 * Commit and uncommitted changes of the repository that holds `folder`. Null where there is none, it has no commit, git is not
 * installed, it takes too long, or `signal` is aborted. Takes no locks and starts no hooks.
 */
export async function gitState(
  folder: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<GitState | null> {
  const deadline = AbortSignal.any([
    AbortSignal.timeout(patience),
    ...(signal === undefined ? [] : [signal]),
  ]);
  const ask = (...args: readonly string[]) => git(folder, args, env, deadline);
  const commit = (await ask('rev-parse', '--verify', 'HEAD'))?.trim();
  if (commit === undefined || commit === '') return null;
  const status = await ask('status', '--porcelain=v1', '-z', '--no-renames', '--ignore-submodules=dirty');
  if (status === undefined) return null;
  const entries = status
    .split('\0')
    .flatMap((line) => (line === '' || own.test(line.slice(3)) ? [] : [line]));
  const dirty = entries.map((line) => line.slice(3)).sort(byCodeUnit);
  if (dirty.length === 0) return { commit, dirty, changes: 0, digest: null, diff: null };
  const top = (await ask('rev-parse', '--show-toplevel'))?.replace(/\n$/, '') ?? folder;
  const known = entries.filter((line) => !line.startsWith('??')).map((line) => line.slice(3));
  const diff =
    known.length === 0
      ? ''
      : await git(
          top,
          ['diff', '--no-ext-diff', '--no-textconv', '--binary', '--no-color', 'HEAD', '--', ...known],
          env,
          deadline,
        );
  const unknown = entries.filter((line) => line.startsWith('??')).sort(byCodeUnit);
  return {
    commit,
    dirty: dirty.slice(0, maxNames),
    changes: dirty.length,
    digest: diff === undefined ? null : sha256(diff, '\0', unknown.join('\0')),
    diff: diff === undefined || diff === '' || diff.length > maxDiff ? null : diff,
  };
}

const execute = promisify(execFile);

/** What it prints; undefined where it fails, whatever the reason: a run does not depend on git. */
async function git(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Node would start it and kill it then.
  if (signal.aborted) return undefined;
  try {
    const { stdout } = await execute('git', [...quiet, ...args], {
      ...{ cwd: folder, signal, killSignal: 'SIGKILL', maxBuffer: maxOutput, encoding: 'utf8' },
      env: { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    });
    return stdout;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
