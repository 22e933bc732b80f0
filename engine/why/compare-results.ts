import { canonical, byCodeUnit, type Json } from '../../base/canonical.ts';
import { isDigest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import { fileChanges, listsOf } from '../key/file-lists.ts';
import { explainRecords } from '../plan/explain.ts';
import type { Project } from '../project/project.ts';
import type { FileChange, Reason } from '../reasons.ts';

/** In what two results differ: what they were made from, what they are, and how they were made. */
export interface ResultDifference {
  /** As of `why`: what would make the first one stale in favour of the second. */
  readonly reasons: readonly Reason[];
  readonly outs: readonly OutDifference[];
  readonly metrics: readonly {
    readonly name: string;
    readonly before: number | null;
    readonly after: number | null;
  }[];
  /** Machine, versions, time taken. */
  readonly made: readonly { readonly fact: string; readonly before: Json; readonly after: Json }[];
}

export interface OutDifference {
  readonly out: string;
  /** Null on the side that has no such out. */
  readonly before: { readonly files: number; readonly bytes: number } | null;
  readonly after: { readonly files: number; readonly bytes: number } | null;
  readonly same: boolean;
  /** Of a folder whose lists of files are known. */
  readonly changes: readonly FileChange[];
}

/** Facts of a record that say where and by what it was made. The rest names the attempt, or is told elsewhere. */
const facts = [
  'ers',
  'node',
  'host',
  'os',
  'processor',
  'processors',
  'memory',
  'cores',
  'gpus',
  'runtime',
  'seconds',
  'peakMemory',
];

/** Both must be of this version of ers; null if one is not. */
export function compareResults(
  project: Project,
  before: StageRecord,
  after: StageRecord,
): ResultDifference | null {
  const reasons = explainRecords(project, before, after);
  if (reasons === undefined) return null;
  return {
    reasons,
    outs: namesOf(before.outs, after.outs).map((out) => outDifference(project, out, before, after)),
    metrics: namesOf(before.metrics, after.metrics).map((name) => ({
      ...{ name, before: before.metrics[name] ?? null, after: after.metrics[name] ?? null },
    })),
    made: facts.flatMap((fact) => {
      const [was, is] = [before.made[fact] ?? null, after.made[fact] ?? null];
      return canonical(was) === canonical(is) ? [] : [{ fact, before: was, after: is }];
    }),
  };
}

function outDifference(
  project: Project,
  out: string,
  before: StageRecord,
  after: StageRecord,
): OutDifference {
  const [old, now] = [before.outs[out], after.outs[out]];
  const same = old?.digest === now?.digest && old?.kind === now?.kind;
  const isFolder = old?.kind === 'folder' && now?.kind === 'folder';
  const lists = same || !isFolder ? undefined : bothLists(project, old.digest, now.digest);
  const sizeOf = (stored: typeof old) =>
    stored === undefined ? null : { files: stored.files, bytes: stored.bytes };
  const changes = lists === undefined ? [] : fileChanges(lists.before, lists.after);
  return { out, before: sizeOf(old), after: sizeOf(now), same, changes };
}

function bothLists(project: Project, before: string | undefined, after: string | undefined) {
  if (before === undefined || after === undefined || !isDigest(before) || !isDigest(after)) return undefined;
  return listsOf(project, before, after);
}

function namesOf(before: object, after: object): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);
}
