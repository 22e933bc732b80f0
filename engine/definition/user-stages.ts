import { readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, ok, type Fault, type Place, type Result } from '../../base/fault.ts';
import { errnoOf, isMissing } from '../../cache/errno.ts';
import type { Built, Validator } from './built.ts';
import type { RawText } from './raw-pipeline.ts';
import { closest } from '../../base/suggest.ts';
import type { BuiltStage } from '../built-stage.ts';
import { buildUserStage, loadingLimitMs } from '../user-stage/build.ts';
import type { UserBuild } from '../user-stage/build-result.ts';
import { readEntry, userStagesFolder, writeEntry } from '../user-stage/entry.ts';

export interface UserStageOptions {
  /** Folder of pipeline.yaml, absolute. */
  readonly root: string;
  /** The same as messages name it. */
  readonly folder: string;
  /** Absolute path of `dist/`. */
  readonly dist: string;
  /** How long a file may take to be loaded, ms; tests only. */
  readonly limitMs?: number;
}

/** How often a file that is being edited is built before we give up. */
const most = 5;

/** Whether `uses` names a file of the user rather than a built-in stage. */
export function isUserFile(uses: string): boolean {
  return /^\.{0,2}\//.test(uses) || /\.[mc]?[jt]sx?$/.test(uses);
}

/** The name under which a user's stage stands among the built ones: `./stages/ndvi.ts`. */
export function userStageName(uses: string): string {
  if (!isUserFile(uses)) return uses;
  const file = posix.normalize(uses);
  return /^[./]/.test(file) ? file : `./${file}`;
}

/**
 * `built` with the stages of the user that `uses` name. Each is built when something that decides it has changed; else
 * what was kept of it is taken, which reads no code. A stage with a fault is not among the result's.
 */
export async function withUserStages(
  built: Built,
  uses: readonly RawText[],
  options: UserStageOptions,
  faults: Fault[],
): Promise<Built> {
  const files = new Map(
    uses.filter(({ text }) => isUserFile(text)).map((raw) => [userStageName(raw.text), raw]),
  );
  if (files.size === 0) return built;
  const stages = new Map(built.stages);
  const validateParams = new Map(built.validateParams);
  const loaded = await Promise.all(
    [...files].map(async ([name, raw]) => [name, await loadUserStage(raw, built.build, options)] as const),
  );
  for (const [name, found] of loaded) {
    if (!found.ok) faults.push(...found.faults);
    else {
      stages.set(name, found.value.stage);
      validateParams.set(name, found.value.validate);
    }
  }
  return { ...built, stages, validateParams };
}

async function loadUserStage(
  uses: RawText,
  builder: string,
  options: UserStageOptions,
): Promise<Result<{ readonly stage: BuiltStage; readonly validate: Validator }>> {
  const { root, folder, dist, limitMs = loadingLimitMs } = options;
  const file = posix.normalize(uses.text);
  const problem = wrongFile(uses, file, root);
  if (problem !== undefined) return fail(problem);
  const kept = readEntry(root, file, builder);
  if (kept !== undefined) return ok(await finish(kept, file, options));
  for (let attempt = 0; attempt < most; attempt += 1) {
    const answer = await attemptBuild(root, file, { dist, build: builder, limitMs });
    if (!answer.ok) return answer;
    if (answer.value.status === 'failed')
      return fail(...answer.value.faults.map((fault) => placed(fault, folder, uses)));
    if (await writeEntry(root, file, builder, answer.value))
      return ok(await finish(answer.value.build, file, options));
  }
  return fail({
    code: 'ERS_INPUT_CHANGED',
    message: `${uses.text} or a module of it changed each time while it was built.`,
    place: uses.place,
    hint: 'Run again when nothing writes to it.',
  });
}

/** Where `.ers` cannot be written, nothing can be built. */
async function attemptBuild(root: string, file: string, how: Parameters<typeof buildUserStage>[2]) {
  try {
    return ok(await buildUserStage(root, file, how));
  } catch (error) {
    const errno = errnoOf(error);
    if (
      errno === undefined ||
      !['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'].includes(errno)
    )
      throw error;
    return fail({
      code: errno === 'ENOSPC' || errno === 'EDQUOT' ? 'ERS_DISK_FULL' : 'ERS_STORE_READ_ONLY',
      message: `The built ${file} cannot be kept in ${userStagesFolder(root)} (${errno}).`,
      place: { file: userStagesFolder(root) },
      hint: 'Make that folder writable: a stage runs from the copy there, so that an edit meanwhile cannot change it.',
    });
  }
}

async function finish(build: UserBuild, file: string, { root, folder }: UserStageOptions) {
  const at = (name: string): string => join(userStagesFolder(root), name);
  const { stage, maps, validator } = build;
  const each = (names: Readonly<Record<string, string>>, key: (name: string) => string) =>
    Object.fromEntries(Object.entries(names).map(([name, path]) => [key(name), at(path)]));
  const { params } = (await import(pathToFileURL(at(validator)).href)) as { readonly params: Validator };
  const user = { file: join(folder, file), folder, maps: each(maps, at) };
  const workers = each(stage.workers, (name) => name);
  return {
    stage: { ...stage, name: userStageName(file), bundle: at(stage.bundle), workers, user },
    validate: params,
  };
}

function wrongFile(uses: RawText, file: string, root: string): Fault | undefined {
  const { text, place } = uses;
  const code = 'ERS_UNKNOWN_USES';
  if (file.startsWith('/')) {
    const hint = 'Write a path that starts at the folder of pipeline.yaml, such as ./stages/ndvi.ts.';
    return {
      code,
      message: `\`${text}\` is an absolute path, which is the same file on no other machine.`,
      place,
      hint,
    };
  }
  if (!['.ts', '.mts', '.js', '.mjs'].includes(extname(file))) {
    return {
      code,
      message: `\`${text}\` is no stage: expected a file that ends in .ts or .js.`,
      place,
      hint: 'A program of another kind is run by `cmd`.',
    };
  }
  if (root.includes('\\')) {
    return {
      code,
      message: `Node loads no module from a folder with a backslash in its path, and \`${text}\` would be kept in ${userStagesFolder(root)}.`,
      place,
      hint: 'Rename the folder of the project, or run a program by `cmd`.',
    };
  }
  const kind = kindOf(resolve(root, file));
  if (kind === 'file') return undefined;
  const message = kind === 'folder' ? `${text} is a folder; expected a file.` : `There is no file ${text}.`;
  const meant = closest(posix.basename(file), namesBeside(resolve(root, file)));
  const hint =
    meant === undefined
      ? 'Relative paths start at the folder of pipeline.yaml.'
      : `Did you mean \`./${posix.join(posix.dirname(file), meant)}\`?`;
  return { code, message, place, hint };
}

function kindOf(path: string): 'file' | 'folder' | 'none' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'none';
  return stats.isDirectory() ? 'folder' : 'file';
}

function namesBeside(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The builder tells places from the project's folder; messages tell them from where the user stands. */
function placed(fault: Fault, folder: string, uses: RawText): Fault {
  const place: Place =
    fault.place === undefined ? uses.place : { ...fault.place, file: join(folder, fault.place.file) };
  return { ...fault, place, also: uses.place };
}
