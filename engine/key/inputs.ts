import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../../base/canonical.ts';
import { sha256, type Digest } from '../../base/digest.ts';
import { fail, ok, settle, type Fault, type Result } from '../../base/fault.ts';
import { manifestDigest } from '../../cache/manifest.ts';
import type { Found, Manifest, StageRecord, StoredOut } from '../../cache/types.ts';
import type { Dep, Stage, StageName } from '../definition/types.ts';
import { inputPath } from '../project/layout.ts';
import { holdsOwnFolders } from '../project/own-folders.ts';
import { remoteFilesOf, type Project } from '../project/project.ts';

/** One input of a stage: what it is by content, and where it lies. */
export interface Input {
  readonly kind: 'file' | 'folder';
  readonly digest: Digest;
  readonly files: number;
  /** Absolute; inside the store for an out of another stage. */
  readonly path: string;
  /** `scan:catalog` or the path as the pipeline names it. */
  readonly source: string;
}

/** The record that stands for a stage above; undefined while that is not known. */
export type RecordOf = (stage: StageName) => StageRecord | undefined;

/** Finds a path's content; a plan asks once for each path, a check after a stage asks anew. */
export type Find = (path: string) => Promise<Sighting>;

/** What of a `Found` is part of an input. */
type Sighting = Pick<Input, 'kind' | 'digest' | 'files'> | { readonly kind: 'missing' };

/** Input name → what it holds now. */
export interface Inputs {
  readonly known: Readonly<Record<string, Input>>;
  /** Deps on stages that have no record yet. */
  readonly unknown: ReadonlySet<string>;
}

/** Finds every input of a stage. All faults together: missing paths, things that cannot be an input. */
export async function findInputs(
  project: Project,
  stage: Stage,
  recordOf: RecordOf,
  find: Find,
): Promise<Result<Inputs>> {
  const known: Record<string, Input> = {};
  const unknown = new Set<string>();
  const faults: Fault[] = [];
  for (const [name, dep] of Object.entries(stage.deps)) {
    const found = await findInput(project, stage, name, dep, recordOf, find);
    if (!found.ok) faults.push(...found.faults);
    else if (found.value === undefined) unknown.add(name);
    else known[name] = found.value;
  }
  return faults.length > 0 ? fail(...faults) : ok({ known, unknown });
}

async function findInput(
  project: Project,
  stage: Stage,
  name: string,
  dep: Dep,
  recordOf: RecordOf,
  find: Find,
): Promise<Result<Input | undefined>> {
  switch (dep.type) {
    case 'path':
      return findPath(project, stage, name, dep, find);
    case 'remote':
      return ok(remoteInput(project, dep));
    case 'out':
      return findOut(project, dep, recordOf);
  }
}

/** Known by where it comes from, since that never changes: a plan and a cached stage need not have it here. */
function remoteInput(project: Project, dep: Extract<Dep, { type: 'remote' }>): Input {
  const { repo, revision, file } = dep.file;
  return {
    kind: 'file',
    digest: sha256(canonical({ repo, revision, file })),
    files: 1,
    path: remoteFilesOf(project).pathOf(dep.file),
    source: sourceOf(dep),
  };
}

/** `find` of the project's index that remembers each answer as long as it is kept. */
export function findOnce(project: Project): Find {
  const answers = new Map<string, Promise<Sighting>>();
  return (path) => {
    const answer = answers.get(path) ?? sight(project, path);
    answers.set(path, answer);
    return answer;
  };
}

/** Looks at a path now. */
export async function sight(project: Project, path: string): Promise<Sighting> {
  return sightingOf(await project.index.find(path));
}

/** A file is one file. */
export function sightingOf(found: Found): Sighting {
  return found.kind === 'file' ? { kind: found.kind, digest: found.digest, files: 1 } : found;
}

/** An input as a message names it: `data/tiles`, `imagenet (smp-hub/resnet34.imagenet)`, `scan:catalog`. */
export function sourceOf(dep: Dep): string {
  if (dep.type === 'path') return dep.path;
  if (dep.type === 'remote') return `${dep.word} (${dep.file.repo})`;
  return `${dep.stage}:${dep.out}${dep.sub === undefined ? '' : `/${dep.sub}`}`;
}

/** The files of an out, or of a path inside it, relative to that path. */
function filesBelow(manifest: Manifest, sub: string | undefined): Manifest {
  if (sub === undefined) return manifest;
  const file = manifest.find((entry) => entry.path === sub);
  if (file !== undefined) return [{ ...file, path: '' }];
  return manifest
    .filter((entry) => entry.path.startsWith(`${sub}/`))
    .map((entry) => ({ ...entry, path: entry.path.slice(sub.length + 1) }));
}

async function findPath(
  project: Project,
  { program }: Stage,
  name: string,
  dep: Extract<Dep, { type: 'path' }>,
  find: Find,
): Promise<Result<Input>> {
  const path = inputPath(project, dep.path);
  const own = holdsOwnFolders(project, path, dep.path, dep.place);
  if (own !== undefined) return fail(own);
  const found = await settle(() => find(path));
  if (!found.ok) return fail(...found.faults.map((fault) => ({ ...fault, also: dep.place })));
  const { value } = found;
  if (value.kind !== 'missing') {
    const { kind, digest, files } = value;
    return ok({ kind, digest, files, path, source: dep.path });
  }
  return fail({
    code: 'ERS_INPUT_MISSING',
    message: `The input \`${name}\` is missing: ${sayNothingAt(path, dep.path)}.`,
    place: dep.place,
    hint:
      (program.type === 'uses' ? program.definition.missing?.[name] : undefined) ??
      'Put the file or folder there, or name another path. Relative paths start at the folder of pipeline.yaml.',
  });
}

/** A listing of the folder shows a link that leads nowhere, so that "nothing" would not be believed. */
function sayNothingAt(path: string, written: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? `${written} is a link that leads nowhere` : `there is nothing at ${written}`;
}

/** What lies at an out, or inside one, by the record of its stage; undefined while that is not known. Faults: ERS_INPUT_MISSING. */
export function findOut(
  project: Project,
  dep: Extract<Dep, { type: 'out' }>,
  recordOf: RecordOf,
): Result<Input | undefined> {
  const record = recordOf(dep.stage);
  if (record === undefined) return ok(undefined);
  const out = record.outs[dep.out];
  if (out === undefined) throw new Error(`Internal error: ${dep.stage} has no record of ${dep.out}`);
  const source = sourceOf(dep);
  const { sub } = dep;
  if (sub === undefined) {
    const { kind, digest, files } = out;
    return ok({ kind, digest, files, path: project.store.pathOf(out), source });
  }
  const inner = insideOut(project, out, sub);
  if (inner !== undefined) return ok({ ...inner, path: join(project.store.pathOf(out), sub), source });
  return fail({
    code: 'ERS_INPUT_MISSING',
    message: `The out ${dep.stage}:${dep.out} holds no ${sub}.`,
    place: dep.place,
    hint: `Look into artifacts/${dep.stage} for what ${dep.stage} makes.`,
  });
}

/** By the manifest, so that it is known even where the bytes were collected. */
function insideOut(
  project: Project,
  out: StoredOut,
  sub: string,
): Pick<Input, 'kind' | 'digest' | 'files'> | undefined {
  const files = filesBelow(project.store.manifest(out.tree) ?? [], sub);
  const [first] = files;
  if (first === undefined) return undefined;
  return first.path === ''
    ? { kind: 'file', digest: first.digest, files: 1 }
    : { kind: 'folder', digest: manifestDigest(files), files: files.length };
}
