import { isDigest } from '../../base/digest.ts';
import type { Json } from '../../base/canonical.ts';
import type { StageRecord } from '../../cache/types.ts';
import { currentRecord } from '../key/result.ts';
import type { Dep, Stage } from '../definition/types.ts';
import { diffInputs } from './diff.ts';
import { runtimeChanges, sayFacts } from '../key/exact-runtime.ts';
import { changedSince, listsOf, type FileLists } from '../key/file-lists.ts';
import { sourceOf } from '../key/inputs.ts';
import { readKeyInputs, type KeyInputs } from '../key/key.ts';
import { inputPath } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { Keyed } from '../key/standing.ts';

/** Why a stage's key is not that of the result this project used last. Empty if they are equal. */
export function explain(project: Project, stage: Stage, keyed: Keyed): readonly Reason[] {
  const record = currentRecord(project, stage.name);
  const before = record === undefined ? undefined : readKeyInputs(record.inputs);
  if (record === undefined || before === undefined) return [{ type: 'never-made' }];
  const { program } = stage;
  const changes = project.strictRuntime ? runtimeChanges(project, record) : [];
  const exact: readonly Reason[] =
    changes.length === 0
      ? []
      : [{ type: 'runtime', before: sayFacts(changes, 'before'), after: sayFacts(changes, 'after') }];
  const reasons = diffInputs(before, keyed.text, {
    modules: {
      before: recordedModules(record),
      after: program.type === 'uses' ? program.definition.code.modules : {},
    },
    sources: Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, sourceOf(dep)])),
    unknown: keyed.inputs.unknown,
    manifests: (dep) => manifests(project, stage.deps[dep], dep, before, keyed),
  });
  return [...exact, ...reasons];
}

/** How what a result was made from differs from what another one was, as far as both keep it. Undefined for a record of another version of ers. */
export function explainRecords(
  project: Project,
  before: StageRecord,
  after: StageRecord,
): readonly Reason[] | undefined {
  const [old, now] = [readKeyInputs(before.inputs), readKeyInputs(after.inputs)];
  if (old === undefined || now === undefined) return undefined;
  return diffInputs(old, now, {
    modules: { before: recordedModules(before), after: recordedModules(after) },
    sources: textsIn(after.made['sources']),
    unknown: new Set(),
    manifests: (dep) => recordedManifests(project, old.deps[dep], now.deps[dep]),
  });
}

function recordedManifests(
  project: Project,
  was: KeyInputs['deps'][string] | undefined,
  is: KeyInputs['deps'][string] | undefined,
): FileLists | undefined {
  if (was?.kind !== 'folder' || is?.kind !== 'folder') return undefined;
  return listsOf(project, was.digest, is.digest);
}

/** Source module → digest, kept beside the key since it only explains it. */
function recordedModules(record: StageRecord): Readonly<Record<string, string>> {
  return textsIn(record.made['modules']);
}

function textsIn(value: Json | undefined): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

function manifests(
  project: Project,
  dep: Dep | undefined,
  name: string,
  old: KeyInputs,
  keyed: Keyed,
): FileLists | undefined {
  const was = old.deps[name];
  const now = keyed.text.deps[name];
  if (dep === undefined || was?.kind !== 'folder' || now === undefined || !isDigest(was.digest))
    return undefined;
  if (dep.type === 'path') {
    const after = project.index.listOf(inputPath(project, dep.path), now.digest);
    return after === undefined ? undefined : changedSince(project, was.digest, after);
  }
  return listsOf(project, was.digest, now.digest);
}
