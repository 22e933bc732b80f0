import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import { errnoOf } from '../../cache/errno.ts';
import type { Stage } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';
import type { Project } from '../project/project.ts';
import { bundlesOf } from './check-code.ts';

/** What Node would load for a package's name. */
interface Installed {
  /** Null where no such package is installed, or where its package.json has none. */
  readonly version: string | null;
  /** Which folder and which file in it its package.json is (`fileAt`): an installer makes one of them anew, if not both. */
  readonly file: string | null;
}

/** npm package → how it is installed. */
export type Packages = Readonly<Record<string, Installed>>;

/** The npm packages that a stage's key names, as they are installed now: they lie outside its bundle. */
export function installedPackages(project: Project, { program }: Stage): Packages {
  if (program.type !== 'uses') return {};
  const { definition } = program;
  const folders = Object.values(bundlesOf(definition, dirname(project.dist))).map((file) => dirname(file));
  const names = Object.keys(definition.code.packages);
  return Object.fromEntries(names.map((name) => [name, installed(folders[0] ?? '', name)]));
}

/**
 * A fault (ERS_INPUT_CHANGED) for each package that is not of the version in the stage's key, or that was installed anew
 * between two looks: its code is no part of the bundle, so that what the stage ran of it nobody knows. One look is that
 * before the start.
 */
export function changedPackages(stage: Stage, before: Packages, after?: Packages): readonly Fault[] {
  if (stage.program.type !== 'uses') return [];
  const { packages } = stage.program.definition.code;
  const isStarted = after !== undefined;
  const names = Object.keys(packages).sort(byCodeUnit);
  return names.flatMap((name) => {
    const [named, now] = [packages[name], (after ?? before)[name]];
    const isAnother = now?.version !== named;
    if (!isAnother && now?.file === before[name]?.file) return [];
    const what = isAnother
      ? `the key of ${stage.name} names ${name} ${named ?? ''}, and ${sayInstalled(now)}`
      : `${name} ${named ?? ''} was installed again`;
    return {
      code: 'ERS_INPUT_CHANGED',
      message: isStarted
        ? `A package changed while ${stage.name} ran: ${what}. Nothing was recorded.`
        : `A package changed before ${stage.name} started: ${what}. Nothing was run.`,
      place: stage.place,
      hint:
        stage.program.type === 'uses' && stage.program.definition.user !== undefined
          ? 'Run again when nothing installs packages.'
          : 'Run again when nothing installs packages; if it stays so, install ers again.',
    } satisfies Fault;
  });
}

function sayInstalled(now: Installed | undefined): string {
  return typeof now?.version === 'string' ? `${now.version} is installed` : 'none is installed';
}

/** Looks where Node looks: in `node_modules` of the folder and of each above it. */
function installed(start: string, name: string): Installed {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    const is = readable(() => fileAt(file)) ?? null;
    const text = readable(() => readFileSync(file, 'utf8'));
    if (text !== undefined) return { version: versionIn(text), file: is };
    if (folder === dirname(folder)) return { version: null, file: null };
  }
}

/**
 * Which file lies at a path and in which folder, links followed, and when both were made and the file was written. pnpm puts
 * the very same file into a new folder. Not the ctime: a backup or an installer of another project that links to the file, as
 * pnpm does, changes that, and hours of training would be thrown away for it.
 */
function fileAt(path: string): string {
  const { dev, ino, size, birthtimeNs, mtimeNs } = statSync(path, { bigint: true });
  const folder = statSync(dirname(path), { bigint: true });
  return [dev, ino, size, birthtimeNs, mtimeNs, folder.dev, folder.ino, folder.birthtimeNs].join(' ');
}

/** Undefined where nothing can be read, for instance while a package is being replaced. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function versionIn(text: string): string | null {
  const read = parseJson(text);
  const isMapping = typeof read === 'object' && read !== null && 'version' in read;
  return isMapping && typeof read.version === 'string' ? read.version : null;
}
