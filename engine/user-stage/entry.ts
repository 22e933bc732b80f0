import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { sha256, type Digest } from '../../base/digest.ts';
import { fileClock } from '../../cache/clock.ts';
import { errnoOf, isMissing } from '../../cache/errno.ts';
import { waitToSettle } from '../../cache/hash-listing.ts';
import { makeOwnFolder } from '../../cache/own-folder.ts';
import { stampNow } from '../../cache/stamp.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import type { BuildResult, UserBuild } from './build-result.ts';

/** What is kept of a built stage: with it, a run that has nothing to do reads stats only. */
interface Entry {
  readonly version: 1;
  /** Build of ers that made it. */
  readonly builder: string;
  /** Path relative to the project → how it stood when its content was the one that the bundle was made of. */
  readonly stamps: Readonly<Record<string, Digest>>;
  readonly build: UserBuild;
}

/** Where the built stages of the user lie: bundles named by their content, and an entry for each file that `uses` names. */
export function userStagesFolder(root: string): string {
  return join(root, '.ers', 'stages');
}

/** The stage as it was built last, if nothing has changed since of what decides it. */
export function readEntry(root: string, file: string, builder: string): UserBuild | undefined {
  const entry = parseEntry(readIfThere(entryFile(root, file)) ?? '');
  if (entry?.builder !== builder) return undefined;
  const stands = Object.entries(entry.stamps).every(
    ([path, stamp]) => stampNow(resolve(root, path)).digest === stamp,
  );
  return stands ? entry.build : undefined;
}

/** Names of the files in the folder that an entry's text names; undefined if it is damaged. */
export function namedIn(text: string): readonly string[] | undefined {
  const build = parseEntry(text)?.build;
  return build === undefined ? undefined : filesOf(build);
}

/** Undefined for a text that is not the one that was written. */
function parseEntry(text: string): Entry | undefined {
  const body = text.slice(65);
  return sha256(body) === text.slice(0, 64) ? (parseJson(body) as Entry | undefined) : undefined;
}

/** All files of a build: bundles, source maps, validator. */
function filesOf({ maps, validator }: UserBuild): readonly string[] {
  return [...Object.keys(maps), ...Object.values(maps), validator];
}

/**
 * Keeps a built stage for the next time. False if something changed while it was built, so that it may be a mixture:
 * each file is read again between two stamps, so late that an edit after the first would show in the second.
 */
export async function writeEntry(
  root: string,
  file: string,
  builder: string,
  built: Extract<BuildResult, { status: 'built' }>,
): Promise<boolean> {
  const { build } = built;
  const made = filesOf(build).map((name) => [join('.ers', 'stages', name), name.slice(0, 64)] as const);
  const expected = [...Object.entries(built.sources), ...made].sort(([a], [b]) => byCodeUnit(a, b));
  const before = expected.map(([path]) => stampNow(resolve(root, path)));
  await waitToSettle(fileClock(userStagesFolder(root)), {
    newest: before.reduce((newest, stamp) => (stamp.newest > newest ? stamp.newest : newest), 0n),
    devices: new Map(before.flatMap(({ devices }) => [...devices])),
  });
  const isSame = expected.every(
    ([path, digest], index) =>
      digestOf(resolve(root, path)) === digest &&
      stampNow(resolve(root, path)).digest === before[index]?.digest,
  );
  if (!isSame) return false;
  const stamps = Object.fromEntries(expected.map(([path], index) => [path, before[index]?.digest]));
  const body = JSON.stringify({ version: 1, builder, stamps, build });
  writeWhole(entryFile(root, file), `${sha256(body)}\n${body}`);
  return true;
}

/** Makes the folder that bundles go into. */
export function makeUserStagesFolder(root: string): string {
  const folder = userStagesFolder(root);
  makeOwnFolder(dirname(folder));
  mkdirSync(folder, { recursive: true });
  return folder;
}

function entryFile(root: string, file: string): string {
  return join(userStagesFolder(root), `${sha256(file).slice(0, 16)}.json`);
}

/** Null where there is no file; a folder is none. */
function digestOf(path: string): Digest | null {
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    if (isMissing(error) || errnoOf(error) === 'EISDIR') return null;
    throw error;
  }
}
