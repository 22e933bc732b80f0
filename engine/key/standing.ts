import type { Digest } from '../../base/digest.ts';
import { fail, ok, type Result } from '../../base/fault.ts';
import type { StageRecord, StoredOut } from '../../cache/types.ts';
import type { Program, Stage, StageName } from '../definition/types.ts';
import { runtimeChanges } from './exact-runtime.ts';
import { unreadableValues } from './environment.ts';
import { findInputs, type Find, type Inputs, type RecordOf } from './inputs.ts';
import { keyInputs, keyOf, type KeyInputs } from './key.ts';
import type { Project } from '../project/project.ts';
import { resultsOf } from './result.ts';

/** A stage with what its inputs hold now. */
export interface Keyed {
  readonly inputs: Inputs;
  readonly text: KeyInputs;
  /** Undefined while an input is unknown. */
  readonly key: Digest | undefined;
}

/** All that it reads is known. */
export type WholeKey = Keyed & { readonly key: Digest };

/** What the store has for a key. */
export type Standing =
  | { readonly type: 'absent' }
  | { readonly type: 'intact'; readonly record: StageRecord }
  /** The record is there, an out's bytes are not. */
  | {
      readonly type: 'collected';
      readonly record: StageRecord;
      readonly out: string;
      /** All that are gone. */
      readonly trees: readonly Digest[];
    }
  | {
      readonly type: 'damaged';
      readonly record: StageRecord;
      readonly out: string;
      /** '' if it lies in quarantine already. */
      readonly file: string;
      /** All that are damaged, or were. */
      readonly trees: readonly Digest[];
    };

/** Reads a stage's inputs and makes its key of them. Faults: a missing input, one that cannot be an input, or a declared value that is no UTF-8. */
export async function keyStage(
  project: Project,
  stage: Stage,
  recordOf: RecordOf,
  find: Find,
): Promise<Result<Keyed>> {
  const unreadable = unreadableValues(stage, project.env);
  const inputs = await findInputs(project, stage, recordOf, find);
  if (!inputs.ok) return fail(...inputs.faults, ...unreadable);
  if (unreadable.length > 0) return fail(...unreadable);
  const deps = Object.fromEntries(
    Object.entries(inputs.value.known).map(([name, { kind, digest }]) => [name, { kind, digest }]),
  );
  const text = keyInputs(stage, { deps, env: project.env, runtime: runtimeVersion(project, stage.program) });
  const key = inputs.value.unknown.size === 0 ? keyOf(text) : undefined;
  return ok({ inputs: inputs.value, text, key });
}

/** Looks a stage's key up and checks every out: damage is told before mere absence. An accepted result stands as long as its bytes are there. */
export async function standingOf(project: Project, stage: StageName, key: Digest): Promise<Standing> {
  let standing: Standing = { type: 'absent' };
  for (const record of resultsOf(project, stage, key)) {
    standing = await standingOfRecord(project, record);
    if (standing.type === 'intact') break;
  }
  return standing;
}

async function standingOfRecord(project: Project, record: StageRecord): Promise<Standing> {
  if (project.strictRuntime && runtimeChanges(project, record).length > 0) return { type: 'absent' };
  let missing: string | undefined;
  const gone: Digest[] = [];
  let damaged: { readonly out: string; readonly file: string } | undefined;
  const trees: Digest[] = [];
  for (const [out, stored] of Object.entries(record.outs)) {
    const state = await project.store.check(stored);
    // Without bytes and list nobody can say what a stage that reads a part of it would read.
    if (state.state === 'missing' && isUnlisted(project, stored)) return { type: 'absent' };
    if (state.state === 'missing') {
      missing ??= out;
      gone.push(stored.tree);
    }
    if (state.state === 'damaged') {
      damaged ??= { out, file: state.file };
      trees.push(stored.tree);
    }
  }
  if (damaged !== undefined) return { type: 'damaged', record, ...damaged, trees };
  if (missing !== undefined) return { type: 'collected', record, out: missing, trees: gone };
  return { type: 'intact', record };
}

function isUnlisted(project: Project, { kind, tree }: StoredOut): boolean {
  return kind === 'folder' && project.store.manifest(tree) === undefined;
}

/** Whether two records hold the same bytes in every out. */
export function sameOuts(
  a: Readonly<Record<string, StoredOut>>,
  b: Readonly<Record<string, StoredOut>>,
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name]?.digest === b[name]?.digest);
}

function runtimeVersion(project: Project, program: Program): string | null {
  if (program.type !== 'uses' || program.definition.runtime === null) return null;
  const name = program.definition.runtime;
  const runtime = project.runtimes[name];
  if (runtime === undefined) throw new Error(`Internal error: no provider of runtime ${name}`);
  return `${name} ${runtime.version()}`;
}
