import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { isDigest, sha256, type Digest } from '../base/digest.ts';
import type { Fault } from '../base/fault.ts';
import { errnoOf } from './errno.ts';
import { describeSelf } from './holder.ts';
import { namesIn } from './entries.ts';
import { sweepTemporaries, temporaryFor } from './temporary.ts';

/** What a project keeps in a store: keys of its current results and of those it pinned. */
export interface ProjectRoots {
  readonly project: string;
  readonly current: ReadonlySet<Digest>;
  readonly pinned: ReadonlySet<Digest>;
}

/**
 * Names a project in the store that it uses, `roots/ID.json`, so that `gc` asks for its results too. A store inside
 * the project's folder names it by the way there, so that both may be moved; any other by host and path.
 */
export function registerProject(root: string, project: string): void {
  const entry = entryOf(root, project);
  const text = `${JSON.stringify(entry)}\n`;
  const folder = join(root, 'roots');
  const file = join(folder, `${sha256(text).slice(0, 16)}.json`);
  // What is registered can be read: a folder that is not there later was unmounted or removed.
  mkdirSync(join(project, '.ers', 'current'), { recursive: true });
  if (readIfAny(file) === text) return;
  mkdirSync(folder, { recursive: true });
  sweepTemporaries(folder);
  const temporary = temporaryFor(file);
  writeFileSync(temporary, text);
  crashPoint('roots:written');
  renameSync(temporary, file);
  crashPoint('roots:there');
}

/** The roots of `own` and of every project that is registered. A fault for each that cannot be read. */
export function projectRoots(
  root: string,
  own: string,
): { readonly roots: readonly ProjectRoots[]; readonly faults: readonly Fault[] } {
  const roots: ProjectRoots[] = [];
  const faults: Fault[] = [];
  const seen = new Set([realpathSync(own)]);
  const ask = (file: string, work: () => ProjectRoots | undefined): void => {
    try {
      const found = work();
      if (found !== undefined) roots.push(found);
    } catch (error) {
      if (!(error instanceof Unreadable) && errnoOf(error) === undefined) throw error;
      faults.push(unreadable(file, error as Error));
    }
  };
  ask(join(own, '.ers', 'current'), () => rootsOf(own));
  for (const name of namesIn(join(root, 'roots')).filter((each) => each.endsWith('.json'))) {
    const file = join(root, 'roots', name);
    ask(file, () => {
      const project = projectIn(root, file);
      if (seen.has(project)) return undefined;
      seen.add(project);
      // Throws where it is not there, unlike `rootsOf`.
      readdirSync(join(project, '.ers', 'current'));
      return rootsOf(project);
    });
  }
  return { roots, faults };
}

class Unreadable extends Error {}

function entryOf(root: string, project: string) {
  const [store, folder] = [realpathSync(root), realpathSync(project)];
  const inside = relative(folder, store);
  const own = inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
  return own ? { host: null, path: relative(store, folder) } : { host: describeSelf('').host, path: folder };
}

function projectIn(root: string, file: string): string {
  const value = parse(readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || !('path' in value) || !('host' in value)) {
    throw new Unreadable('the file is damaged');
  }
  const { path, host } = value;
  if (typeof path !== 'string') throw new Unreadable('the file is damaged');
  if (host !== null && host !== describeSelf('').host) {
    throw new Unreadable(
      `it lies on ${typeof host === 'string' ? (host.split(':')[0] ?? '') : '?'}, at ${path}`,
    );
  }
  return realpathSync(resolve(realpathSync(root), path));
}

/** Throws `Unreadable` for a file that names no key: what it keeps is not known. */
function rootsOf(project: string): ProjectRoots {
  const current = join(project, '.ers', 'current');
  const files = namesIn(current).filter((name) => name.endsWith('.json'));
  const pins = namesIn(join(project, '.ers', 'pins')).filter(isDigest);
  return {
    project,
    current: new Set(files.map((name) => keyIn(join(current, name)))),
    pinned: new Set(pins),
  };
}

function keyIn(file: string): Digest {
  const value = parse(readFileSync(file, 'utf8'));
  const key = typeof value === 'object' && value !== null && 'key' in value ? value.key : undefined;
  if (typeof key !== 'string' || !isDigest(key)) throw new Unreadable(`${file} names no result`);
  return key;
}

function unreadable(file: string, error: Error): Fault {
  return {
    code: 'ERS_STORE_DAMAGED',
    message: `A project that uses this store cannot be asked what it needs: ${error.message}. Nothing was removed.`,
    place: { file },
    hint: `If that project is gone for good, remove ${file}; otherwise run ers gc where it can be read.`,
  };
}

function readIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
