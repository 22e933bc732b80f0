import { randomBytes } from 'node:crypto';
import type { Digest } from '../../base/digest.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { readOnlyFault } from '../../cache/errno.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Accepted } from '../events.ts';
import { accept } from '../project/accepted.ts';
import { currentRecord } from '../key/result.ts';
import { setCurrent } from '../project/current.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { explain } from '../plan/explain.ts';
import { stageOf, upstream } from '../key/graph.ts';
import { keepInputLists } from '../key/input-lists.ts';
import { findOnce, sourceOf } from '../key/inputs.ts';
import { draft } from '../plan/draft.ts';
import { enterStore } from '../project/presence.ts';
import type { Project } from '../project/project.ts';
import { sayReason, type Reason } from '../reasons.ts';
import { keyStage, standingOf, type WholeKey } from '../key/standing.ts';

/** A stage whose present result can be kept although it is stale. Nothing is written before `keep`. */
export interface Acceptance {
  readonly stage: StageName;
  readonly from: Digest;
  readonly key: Digest;
  readonly reasons: readonly Reason[];
  /** Lets the same outs stand under the new key, for this stage of this project alone, and makes them the current result. */
  readonly keep: (onProblem: (text: string) => void) => void;
}

/**
 * Whether the present result of a stage can be kept. Its code, command, environment, packages and runtime may have
 * changed; an input or a param only if `also` names it, since a result says by what data and numbers it was made.
 * `current`: it is not stale. Faults: it was never made, its bytes are gone, an out is new, an input or a param changed
 * that is not named, something above must run first.
 */
export async function acceptance(
  project: Project,
  name: StageName,
  also: ReadonlySet<string>,
): Promise<Result<Acceptance | 'current'>> {
  const stage = stageOf(project.pipeline, name);
  if (project.store.readOnly) return fail(readOnlyFault(project.store.root));
  if (stage.frozen) return fail(...(await frozenRefusal(project, stage)));
  const found = await keyNow(project, stage);
  if (!found.ok) return found;
  const keyed = found.value;
  const record = currentRecord(project, name);
  const again = project.commandLine('run', name);
  if (record === undefined) return fail(refusal(stage, 'it was never made', `Run: ${again}`));
  if ((await standingOf(project, name, record.key)).type !== 'intact') {
    return fail(refusal(stage, 'the bytes of its result are gone or damaged', `Run: ${again}`));
  }
  if (record.key === keyed.key) return ok('current');
  if ((await standingOf(project, name, keyed.key)).type === 'intact') {
    const why = 'the store has a result that was made of what is there now';
    return fail(refusal(stage, why, `${again} takes that one.`));
  }
  const reasons = explain(project, stage, keyed);
  const faults = objections(project, stage, reasons, also);
  if (faults.length > 0) return fail(...faults);
  const keep = (onProblem: (text: string) => void) =>
    write(project, stage, record, keyed, reasons, onProblem);
  return ok({ stage: name, from: record.key, key: keyed.key, reasons, keep });
}

/** A frozen stage needs no yes, if it has a result at all. */
async function frozenRefusal(project: Project, stage: Stage): Promise<readonly Fault[]> {
  const { blocked } = await draft(project, { targets: [stage.name], force: false, only: true });
  const stands = refusal(stage, 'it is frozen, so that its result stands anyway', 'Nothing is to be done.');
  return blocked.get(stage.name) ?? [stands];
}

/** The key as it is now, if all above is as it will be after a run. */
async function keyNow(project: Project, stage: Stage): Promise<Result<WholeKey>> {
  const { stages, blocked } = await draft(project, { targets: [stage.name], force: false, only: true });
  const faults = stages.flatMap(({ stage: each }) => blocked.get(each) ?? []);
  if (faults.length > 0) return fail(...faults);
  const above = new Set(upstream(stage));
  const stale = stages.find((each) => above.has(each.stage) && ['run', 'maybe'].includes(each.state));
  const records = new Map(stages.map(({ stage: each, record }) => [each, record]));
  const keyed = await keyStage(project, stage, (each) => records.get(each), findOnce(project));
  if (!keyed.ok) return keyed;
  const { key } = keyed.value;
  if (stale !== undefined || key === undefined) {
    const first = stale?.stage ?? [...above].join(' ');
    const run = project.commandLine('run', ...(stale === undefined ? above : [stale.stage]));
    return fail(refusal(stage, `${first} above it must run first`, `Run: ${run}`));
  }
  return ok({ ...keyed.value, key });
}

/** What speaks against keeping the result. */
function objections(
  { commandLine }: Project,
  stage: Stage,
  reasons: readonly Reason[],
  also: ReadonlySet<string>,
): readonly Fault[] {
  const outs = reasons.find(({ type }) => type === 'outs');
  if (outs !== undefined) {
    return [refusal(stage, sayReason(outs), `Its bytes are not there: ${commandLine('run', stage.name)}`)];
  }
  const names = new Set(reasons.flatMap((reason) => nameOf(reason) ?? []));
  const unnamed = [...names].filter((name) => !also.has(name));
  const idle = [...also].filter((name) => !names.has(name));
  return [
    ...(unnamed.length === 0
      ? []
      : [
          refusal(
            stage,
            `not only its code changed: ${reasons
              .filter((reason) => unnamed.includes(nameOf(reason) ?? ''))
              .map(sayReason)
              .join(', ')}`,
            `If its result does not depend on that: ${unnamed.map((name) => `--also ${name}`).join(' ')}`,
          ),
        ]),
    ...idle.map((name) =>
      refusal(
        stage,
        `no input and no param \`${name}\` of it changed`,
        `See: ${commandLine('why', stage.name)}`,
      ),
    ),
  ];
}

/** An input or a param that changed: what the user must name. */
function nameOf(reason: Reason): string | undefined {
  if (reason.type === 'param') return reason.key;
  return 'dep' in reason ? reason.dep : undefined;
}

function write(
  project: Project,
  stage: Stage,
  record: StageRecord,
  keyed: WholeKey,
  reasons: readonly Reason[],
  onProblem: (text: string) => void,
): void {
  const now = new Date(project.now()).toISOString();
  const accepted: Accepted = { from: record.key, reasons: reasons.map(sayReason), when: now };
  const { program } = stage;
  const presence = enterStore(project, `accept-${randomBytes(6).toString('hex')}`, onProblem);
  try {
    // Tells gc beside it which trees are relied on.
    presence.project.store.record(record.key);
    const unlisted = keepInputLists(project, stage, keyed);
    if (unlisted !== undefined) onProblem(unlisted);
    accept(project, stage.name, {
      ...record,
      key: keyed.key,
      inputs: keyed.text,
      made: {
        ...record.made,
        stage: stage.name,
        sources: Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, sourceOf(dep)])),
        modules: program.type === 'uses' ? program.definition.code.modules : {},
        accepted,
      },
    });
    setCurrent(project, stage.name, keyed.key);
  } finally {
    presence.leave();
  }
}

function refusal({ name, place }: Stage, why: string, hint: string): Fault {
  return {
    code: 'ERS_NOT_ACCEPTED',
    message: `The result of ${name} cannot be accepted: ${why}.`,
    place,
    hint,
  };
}
