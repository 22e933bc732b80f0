import { short } from '../../base/digest.ts';
import { fail, ok, type Result } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { acceptedOf } from '../project/accepted.ts';
import { currentRecord } from '../key/result.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { distinctFaults } from '../../base/distinct-faults.ts';
import type { PlannedStage } from '../events.ts';
import { stageOf, withAncestors } from '../key/graph.ts';
import { findOnce, type Inputs } from '../key/inputs.ts';
import { draft } from '../plan/draft.ts';
import { shownStage } from '../plan/plan.ts';
import type { Draft } from '../plan/walk.ts';
import type { Project } from '../project/project.ts';
import { keyStage } from '../key/standing.ts';

/** Why a stage is stale, or why it is not. */
export interface Why extends PlannedStage {
  /** Sentences that say what was compared, and when the current result was made. */
  readonly compared: readonly string[];
}

/** Explains one stage as `status` sees it: in the plan of the default targets, if it is there. Faults: as for `plan`. */
export async function why(project: Project, name: StageName): Promise<Result<Why>> {
  const { pipeline } = project;
  const above = withAncestors(pipeline, [name]);
  const isUsual = withAncestors(pipeline, pipeline.default).includes(name);
  const drafted = await draft(project, { targets: isUsual ? [] : [name], force: false, only: true });
  const faults = above.flatMap((each) => drafted.blocked.get(each) ?? []);
  if (faults.length > 0) return fail(...distinctFaults(faults));
  const planned = drafted.stages.find(({ stage }) => stage === name);
  if (planned === undefined) throw new Error(`Internal error: ${name} is not in its own plan`);
  return ok({ ...shownStage(project, planned), compared: await compared(project, name, drafted) });
}

async function compared(project: Project, name: StageName, drafted: Draft): Promise<readonly string[]> {
  const stage = stageOf(project.pipeline, name);
  const records = new Map(drafted.stages.map((planned) => [planned.stage, planned.record]));
  const keyed = await keyStage(project, stage, (above) => records.get(above), findOnce(project));
  if (!keyed.ok) return [];
  const { inputs, key } = keyed.value;
  const record = records.get(name) ?? currentRecord(project, name);
  return [
    key === undefined ? 'its key is not known before the stages above have run' : `key ${short(key)}`,
    sayCode(stage),
    ...sayParams(stage),
    ...sayInputs(inputs),
    ...stage.env.map((variable) => `environment ${variable}: ${project.env[variable] ?? '(unset)'}`),
    ...(record === undefined ? ['there is no result yet'] : [sayMade(record), ...sayAccepted(record)]),
  ];
}

function sayCode({ program }: Stage): string {
  if (program.type === 'command') return 'command: its template; a script in it counts only as an input';
  const { bundles, modules, packages } = program.definition.code;
  const digests = Object.entries(bundles).map(([bundle, digest]) => `${bundle} ${short(digest)}`);
  const [sources, reached] = [Object.keys(modules).length, Object.keys(packages).length];
  return `code: ${digests.join(', ')} (${count(sources, 'module')}, ${count(reached, 'package')}), Node ${process.versions.node.split('.')[0] ?? ''}`;
}

function sayParams({ params }: Stage): readonly string[] {
  const names = Object.keys(params);
  return names.length === 0 ? [] : [`${count(names.length, 'param')}: ${names.join(', ')}`];
}

function sayInputs({ known, unknown }: Inputs): readonly string[] {
  return [
    ...Object.entries(known).map(
      ([name, { source, files, digest }]) =>
        `input ${name}: ${source}, ${count(files, 'file')}, content ${short(digest)}`,
    ),
    ...[...unknown].map((name) => `input ${name}: not known yet`),
  ];
}

function sayMade({ made, outs }: StageRecord): string {
  const at = typeof made['at'] === 'string' ? made['at'] : 'at an unknown time';
  const seconds = typeof made['seconds'] === 'number' ? ` in ${made['seconds'].toFixed(1)} s` : '';
  const files = Object.values(outs).reduce((sum, out) => sum + out.files, 0);
  const forced = made['forced'] === true ? ', forced' : '';
  return `last made ${at}${seconds}${forced}: ${count(files, 'file')}`;
}

function sayAccepted(record: StageRecord): readonly string[] {
  const accepted = acceptedOf(record);
  if (accepted === undefined) return [];
  const { from, when, reasons } = accepted;
  return [`accepted ${when}, made as ${from.slice(0, 12)}, although ${reasons.join(', ')}`];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
