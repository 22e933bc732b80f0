import { short } from '../base/digest.ts';
import { FaultError, type Fault } from '../base/fault.ts';
import { didYouMean } from '../base/suggest.ts';
import { experimentNames, readExperiment } from '../engine/experiments/files.ts';
import type { Project } from '../engine/index.ts';
import { currentKey, previousKey } from '../engine/project/current.ts';
import { stagesCalled } from '../engine/definition/members.ts';
import { few } from './few.ts';
import { orThrow } from './faults.ts';
import { allRecords, type KnownRecord } from './records.ts';

/**
 * The result that a name on the command line means: `stage` (the current one, else the newest), `stage@experiment`, or
 * `stage@` and the first digits of its key. Throws `FaultError` where there is none, or more than one.
 */
export function chooseRecord(name: string, project: Project): KnownRecord {
  const records = allRecords(project);
  const stages = [...project.pipeline.order];
  // A member of a matrix has an @ in its own name.
  const [stage] = [...stages, ...records.map((known) => known.stage)]
    .filter((each) => name === each || name.startsWith(`${each}@`))
    .sort((a, b) => b.length - a.length);
  const members = stagesCalled(name, project.pipeline.stages);
  if (stage === undefined && members.length > 0)
    throw usage(`${name} has several members.`, `Name one: ${few(members)}.`);
  if (stage === undefined) throw new FaultError(unknownStage(name.split('@')[0] ?? '', stages));
  const which = name === stage ? undefined : name.slice(stage.length + 1);
  if (which !== undefined && experimentNames(project).includes(which))
    return ofExperiment(project, stage, which, records);
  const own = recordsOf(project, stage, records);
  const newest = own.at(-1);
  if (newest === undefined)
    throw usage(`${stage} was never made.`, `Run: ${project.commandLine('run', stage)}`);
  if (which === undefined) return own.find(({ current }) => current) ?? newest;
  const named = own.filter((known) => known.record.key.startsWith(which));
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const many = named.length === 0 ? 'no record that begins' : `${named.length} records that begin`;
  const meant = didYouMean(which, experimentNames(project)).hint;
  const isMeant = named.length === 0 && meant?.startsWith('Did') === true;
  throw usage(
    `${stage} has ${many} with ${which}.`,
    isMeant ? meant : `See: ${project.commandLine('ls')}, ${project.commandLine('exp', 'show')}`,
  );
}

/**
 * The result of a stage that was in use before its current one. Throws `FaultError` where none is in use, none was before
 * it, or that one's record is gone.
 */
export function choosePrevious({ stage, current }: KnownRecord, project: Project): KnownRecord {
  const hint = `Name two results, as STAGE@KEY; ${project.commandLine('ls')} lists them.`;
  const name = project.pipeline.order.find((each) => each === stage);
  if (!current || name === undefined)
    throw usage(`No result of ${stage} is in use: there is none to compare with the one before it.`, hint);
  const before = previousKey(project, name);
  if (before === undefined)
    throw usage(`No result of ${stage} is known to have been in use before the current one.`, hint);
  const found = recordsOf(project, stage, allRecords(project)).find(({ record }) => record.key === before);
  if (found !== undefined) return found;
  throw usage(
    `The result of ${stage} that was in use before, ${short(before)}, is not recorded any more.`,
    hint,
  );
}

/** Those that it made, and those that it uses although another stage of the same key made them. */
function recordsOf(project: Project, stage: string, records: readonly KnownRecord[]): readonly KnownRecord[] {
  const made = records.filter((known) => known.stage === stage);
  const name = project.pipeline.order.find((each) => each === stage);
  if (name === undefined) return made;
  const inUse = currentKey(project, name);
  const taken = [previousKey(project, name), inUse].flatMap((key) => {
    const isMade = made.some(({ record }) => record.key === key);
    return isMade ? [] : (records.find(({ record }) => record.key === key) ?? []);
  });
  return [...taken, ...made].map((known) => ({ ...known, stage, current: known.record.key === inUse }));
}

/** `chooseRecord`; of a matrix, `train` or `train@*`, that of each member. */
export function chooseRecords(name: string, project: Project): readonly KnownRecord[] {
  const called = stagesCalled(name, project.pipeline.stages);
  return called.length === 0
    ? [chooseRecord(name, project)]
    : called.map((stage) => chooseRecord(stage, project));
}

function ofExperiment(
  project: Project,
  stage: string,
  name: string,
  records: readonly KnownRecord[],
): KnownRecord {
  const key = orThrow(readExperiment(project, name)).stages[stage]?.key ?? undefined;
  const found = key === undefined ? undefined : records.find(({ record }) => record.key === key);
  if (found === undefined)
    throw usage(
      `The experiment ${name} has no result of ${stage}.`,
      `See: ${project.commandLine('exp', 'show', name)}`,
    );
  return { ...found, stage };
}

function unknownStage(stage: string, stages: readonly string[]): Fault {
  return {
    code: 'ERS_UNKNOWN_STAGE',
    message: `There is no stage \`${stage}\`.`,
    ...didYouMean(stage, stages),
  };
}

function usage(message: string, hint: string): FaultError {
  return new FaultError({ code: 'ERS_USAGE', message, hint });
}
