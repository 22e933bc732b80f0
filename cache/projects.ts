import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { sha256 } from '../base/digest.ts';
import type { Fault } from '../base/fault.ts';
import { errnoOf } from './errno.ts';
import { describeSelf } from './holder.ts';
import { namesIn } from './entries.ts';
import { parseJson } from '../base/parse-json.ts';
import { readNeeds, Unreadable, type ProjectNeeds } from './project-needs.ts';
import { sweepTemporaries, temporaryFor } from './temporary.ts';

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
): { readonly roots: readonly ProjectNeeds[]; readonly faults: readonly Fault[] } {
  const roots: ProjectNeeds[] = [];
  const faults: Fault[] = [];
  const seen = new Set([realpathSync(own)]);
  const ask = (file: string, hint: string, work: () => ProjectNeeds | undefined): void => {
    try {
      const found = work();
      if (found !== undefined) roots.push(found);
    } catch (error) {
      if (!(error instanceof Unreadable) && errnoOf(error) === undefined) throw error;
      faults.push(unreadable(file, error as Error, hint));
    }
  };
  ask(join(own, '.ers', 'current'), 'Make it readable for you, then run ers gc again.', () => readNeeds(own));
  for (const name of namesIn(join(root, 'roots')).filter((each) => each.endsWith('.json'))) {
    const file = join(root, 'roots', name);
    const hint = `If that project is gone for good, remove ${file}; otherwise run ers gc where it can be read.`;
    ask(file, hint, () => {
      const project = projectIn(root, file);
      if (seen.has(project)) return undefined;
      seen.add(project);
      // Throws where it is not there, unlike `readNeeds`.
      readdirSync(join(project, '.ers', 'current'));
      return readNeeds(project);
    });
  }
  return { roots, faults };
}

function entryOf(root: string, project: string) {
  const [store, folder] = [realpathSync(root), realpathSync(project)];
  const inside = relative(folder, store);
  const own = inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
  return own ? { host: null, path: relative(store, folder) } : { host: describeSelf('').host, path: folder };
}

function projectIn(root: string, file: string): string {
  const value = parseJson(readFileSync(file, 'utf8'));
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

function unreadable(file: string, error: Error, hint: string): Fault {
  return {
    code: 'ERS_PROJECT_UNREADABLE',
    message: `A project that uses this store cannot be asked what it needs: ${error.message}. Nothing was removed.`,
    place: { file },
    hint: (error instanceof Unreadable ? error.hint : undefined) ?? hint,
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
