import type { Digest } from '../../base/digest.ts';
import type { Fault } from '../../base/fault.ts';
import { movedAbove } from '../../cache/above.ts';
import { firstTouched, stampNow, type Stamp } from '../../cache/stamp.ts';
import type { Stage } from '../definition/types.ts';
import { changedSince, fileChanges } from '../key/file-lists.ts';
import { findInputs, sightingOf, type Input, type RecordOf } from '../key/inputs.ts';
import type { Project } from '../project/project.ts';
import type { Keyed } from '../key/standing.ts';

/** Input name → how its path stood just before the stage began. */
export type Stamps = Readonly<Record<string, Stamp>>;

/**
 * Stamps every input, waiting until a later edit would show. Those in the store need no wait: nobody edits a tree
 * within milliseconds of its making, and its bytes are checked after the stage. The source of an input that is no
 * longer what the stage's key names, if there is one: nothing is to be made of it.
 */
export async function stampInputs(
  project: Project,
  stage: Stage,
  keyed: Keyed,
): Promise<{ readonly stamps: Stamps } | { readonly outdated: string }> {
  const stamps: Record<string, Stamp> = {};
  for (const [name, { path, kind, digest, source }] of Object.entries(keyed.inputs.known)) {
    if (stage.deps[name]?.type !== 'path') {
      stamps[name] = stampNow(path);
      continue;
    }
    const { found, stamp } = await project.index.stamp(path);
    if (found.kind !== kind || found.digest !== digest) return { outdated: source };
    stamps[name] = stamp;
  }
  return { stamps };
}

/** An input changed again and again before the stage could start. */
export function restless(stage: Stage, source: string): Fault {
  return {
    code: 'ERS_INPUT_CHANGED',
    message: `An input changes while ${stage.name} is about to start: ${source}. Nothing was run.`,
    place: stage.place,
    hint: 'Run again when nothing writes to it.',
  };
}

/** What a checkpoint keeps of the stamps: one digest an input. */
export function stampDigests(stamps: Stamps): Readonly<Record<string, Digest>> {
  return Object.fromEntries(Object.entries(stamps).map(([name, { digest }]) => [name, digest]));
}

/**
 * Reads every input again. A fault for each that is not what the stage's key names, or that was
 * touched meanwhile, be it there and back: what the stage read of it nobody knows (ERS_INPUT_CHANGED).
 */
export async function changedInputs(
  project: Project,
  stage: Stage,
  keyed: Keyed,
  recordOf: RecordOf,
  stamps: Stamps,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const looks = new Map<string, Stamp>();
  const found = await findInputs(project, stage, recordOf, async (path) => {
    const { found, stamp } = await project.index.look(path);
    looks.set(path, stamp);
    return sightingOf(found);
  });
  if (!found.ok) {
    return found.faults.map((fault) => ({
      ...changed(stage, fault.message.replace(/\.$/, '')),
      ...placeOf(fault),
    }));
  }
  for (const [name, before] of Object.entries(keyed.inputs.known)) {
    const now = found.value.known[name];
    if (now?.digest !== before.digest || now.kind !== before.kind) {
      faults.push(changed(stage, sayChange(project, name, before, now)));
      continue;
    }
    const [stamp, after] = [stamps[name], looks.get(now.path) ?? stampNow(now.path)];
    if (stamp === undefined) throw new Error(`Internal error: input ${name} has no stamp`);
    if (stamp.digest !== after.digest) faults.push(touched(stage, before, firstTouched(stamp, after)));
    else if (stage.deps[name]?.type === 'path') {
      const moved = movedAbove(stamp.above, after.above);
      if (moved !== undefined) faults.push(touched(stage, before, moved));
    }
  }
  return [...faults, ...(await changedArtifacts(project, stage, recordOf))];
}

/** A stage can reach the trees it reads; one that wrote there has damaged another stage's result. */
async function changedArtifacts(
  project: Project,
  stage: Stage,
  recordOf: RecordOf,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const dep of Object.values(stage.deps)) {
    const out = dep.type === 'out' ? recordOf(dep.stage)?.outs[dep.out] : undefined;
    if (dep.type !== 'out' || out === undefined) continue;
    const tree = await project.store.check(out);
    if (tree.state === 'intact') continue;
    const what = tree.state === 'damaged' ? tree.file : 'all of it';
    faults.push(changed(stage, `${dep.stage}:${dep.out} (${what || dep.out})`));
  }
  return faults;
}

function sayChange(project: Project, name: string, before: Input, now: Input | undefined): string {
  if (before.kind === 'file') return before.source;
  const list = now?.kind === 'folder' ? project.index.listOf(now.path, now.digest) : undefined;
  const lists = list === undefined ? undefined : changedSince(project, before.digest, list);
  const [first] = lists === undefined ? [] : fileChanges(lists.before, lists.after);
  return first === undefined
    ? `${before.source} (${name})`
    : `${before.source}/${first.path} (${first.change})`;
}

function changed(stage: Stage, what: string): Fault {
  return {
    code: 'ERS_INPUT_CHANGED',
    message: `An input changed while ${stage.name} ran: ${what}. Nothing was recorded.`,
    hint: 'Run again when nothing else writes to it.',
  };
}

function touched(stage: Stage, { source }: Input, path: string): Fault {
  const what = path === '' ? source : path.startsWith('/') ? `${source} (${path})` : `${source}/${path}`;
  return {
    code: 'ERS_INPUT_CHANGED',
    message: `An input was touched while ${stage.name} ran: ${what}. It has its former content again, but what the stage read is unknown; nothing was recorded.`,
    hint: 'Run again when nothing else writes to it.',
  };
}

function placeOf(fault: Fault): Partial<Fault> {
  return fault.place === undefined ? {} : { place: fault.place };
}
