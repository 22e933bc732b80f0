import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';
import { isDigest, type Digest } from '../base/digest.ts';
import { unsealedJson } from '../base/sealed-json.ts';
import { namesIn } from './entries.ts';
import { isJsonObject, parseJson } from '../base/parse-json.ts';
import { temporaryFor } from './temporary.ts';
import type { StageRecord } from './types.ts';

/** What a project keeps in a store: keys of its current results, of those it pinned and of its experiments'. */
export interface ProjectNeeds {
  readonly project: string;
  readonly current: ReadonlySet<Digest>;
  readonly pinned: ReadonlySet<Digest>;
  readonly experiments: ReadonlySet<Digest>;
  /** Trees of the results that its user accepted, by key: no record of the store names them under it. */
  readonly accepted: ReadonlyMap<Digest, readonly Digest[]>;
  /** Stages of which it keeps every result (`keep: all`), as its last run said. */
  readonly wholeStages: ReadonlySet<string>;
}

/** A file of a project does not tell what it keeps. */
export class Unreadable extends Error {
  /** What mends it, where that is not to remove the project. */
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

const writtenAnew = 'A run writes that file anew; in its project: npx ers run';

/** Reads it from the project's `.ers`. Throws `Unreadable` for a file that is damaged, and what the system says. */
export function readNeeds(project: string): ProjectNeeds {
  const own = join(project, '.ers');
  return {
    project,
    current: new Set(jsonFiles(join(own, 'current')).map(keyIn)),
    pinned: new Set(namesIn(join(own, 'pins')).filter(isDigest)),
    experiments: new Set(jsonFiles(join(own, 'experiments')).flatMap(digestsIn)),
    accepted: new Map(jsonFiles(join(own, 'accepted')).flatMap(acceptedIn)),
    wholeStages: new Set(readWholeStages(project)),
  };
}

/** Lets `gc` of other projects know of which stages this one keeps every result. */
export function writeWholeStages(project: string, stages: readonly string[]): void {
  const file = keepFile(project);
  const text = `${JSON.stringify({ all: stages.toSorted(byCodeUnit) })}\n`;
  if (existsSync(file) ? readFileSync(file, 'utf8') === text : stages.length === 0) return;
  const temporary = temporaryFor(file);
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function readWholeStages(project: string): readonly string[] {
  const file = keepFile(project);
  if (!existsSync(file)) return [];
  const value = parseJson(readFileSync(file, 'utf8'));
  const all: unknown = isJsonObject(value) ? value['all'] : undefined;
  if (!Array.isArray(all)) throw new Unreadable(`${file} is damaged`, writtenAnew);
  return all.filter((name) => typeof name === 'string');
}

function keepFile(project: string): string {
  return join(project, '.ers', 'keep.json');
}

function keyIn(file: string): Digest {
  const value = parseJson(readFileSync(file, 'utf8'));
  const key: unknown = isJsonObject(value) ? value['key'] : undefined;
  if (typeof key !== 'string' || !isDigest(key)) throw new Unreadable(`${file} names no result`, writtenAnew);
  return key;
}

function acceptedIn(file: string): readonly (readonly [Digest, readonly Digest[]])[] {
  const records = unsealedJson(readFileSync(file, 'utf8'));
  if (records === undefined) {
    const hint = `Remove it: what was accepted for ${basename(file, '.json')} is made anew then.`;
    throw new Unreadable(`${file} is damaged`, hint);
  }
  return Object.values(records as unknown as Readonly<Record<string, StageRecord>>).map(
    ({ key, outs }) => [key, Object.values(outs).map(({ tree }) => tree)] as const,
  );
}

/** Whatever else an experiment's file says: each digest in it may name a result that it keeps. */
function digestsIn(file: string): readonly Digest[] {
  const text = readFileSync(file, 'utf8');
  if (unsealedJson(text) === undefined) {
    const hint = `Forget that experiment in its project: npx ers exp rm ${basename(file, '.json')}`;
    throw new Unreadable(`${file} is damaged`, hint);
  }
  return [...text.matchAll(/"([0-9a-f]{64})"/g)].flatMap(([, digest = '']) =>
    isDigest(digest) ? [digest] : [],
  );
}

function jsonFiles(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
}
