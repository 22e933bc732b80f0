import { join } from 'node:path';
import { crashPoint } from '../../base/crash-point.ts';
import { FaultError, type Fault } from '../../base/fault.ts';
import { isFull, readOnlyFault } from '../../cache/errno.ts';
import { endOrphans } from '../../cache/orphans.ts';
import { Interrupted } from '../../cache/watch.ts';
import type { Stage } from '../definition/types.ts';
import { keepInputLists } from '../key/input-lists.ts';
import { attemptsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { changedInputs, type Stamps } from './check-inputs.ts';
import { damagedCode } from './check-code.ts';
import { changedPackages, installedPackages } from './check-packages.ts';
import { commandLine, type CommandLine } from './command.ts';
import { stageEnvironment } from './environment.ts';
import { enter, type Entered } from './enter.ts';
import { Grace } from './grace.ts';
import { noteGroup } from './group.ts';
import { hasCheckpoint, parkAttempt, removeAttempt, type AttemptFolder } from './folder.ts';
import type { Job } from './job.ts';
import { diskFull, judge, type Judgement } from './judge.ts';
import { runProcess, type Ended } from './process.ts';
import { publish } from './publish.ts';
import { replacedFolders } from './replaced.ts';
import type { AttemptEnd, AttemptRequest } from './request.ts';
import type { StageEvent } from '../stage.ts';
import { sayNext } from './say-next.ts';
import { dropCheckpoints } from './take-checkpoint.ts';
import { tailEvents } from './tail-events.ts';
import { wrongOuts } from './wrong-outs.ts';

/** How often the stage's events are read, ms. */
const tailMs = 100;
/** How long what left the stage's process group may take to end, ms. */
const orphanGraceMs = 300;

/** Makes a stage once: a folder of its own, a process in it, and a record if all went well. */
export async function attemptStage(project: Project, request: AttemptRequest): Promise<AttemptEnd> {
  if (project.store.readOnly) return failed([readOnlyFault(project.store.root)]);
  try {
    const entered = await enter(project, request);
    return entered.type === 'entered' ? await goOn(project, request, entered) : entered;
  } catch (error) {
    if (error instanceof FaultError) return failed(error.faults);
    if (isFull(error)) return failed([diskFull(request.stage)]);
    if (error instanceof Interrupted) return { type: 'halted' };
    throw error;
  }
}

async function goOn(
  project: Project,
  request: AttemptRequest,
  { folder, job, stamps, resumed }: Extract<Entered, { type: 'entered' }>,
): Promise<AttemptEnd> {
  // Whatever ends this attempt unforeseen, a full disk for instance, says nothing against its checkpoint.
  let keep = true;
  try {
    request.onStart(job.attempt, resumed);
    const done = await execute(project, request, folder, job, stamps);
    ({ keep } = done);
    return done.end;
  } catch (error) {
    // Its inputs were being read again, or its outs stored.
    if (error instanceof Interrupted) return { type: 'stopped', checkpoint: hasCheckpoint(folder) };
    throw error;
  } finally {
    if (keep) parkAttempt(folder);
    else removeAttempt(folder);
    crashPoint('attempt:removed');
  }
}

function failed(faults: readonly Fault[], again = false): Extract<AttemptEnd, { type: 'failed' }> {
  return { type: 'failed', faults, again };
}

/** Runs the process and publishes what it made. `keep`: its checkpoint may help the next attempt. */
async function execute(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  job: Job,
  stamps: Stamps,
): Promise<{ readonly end: AttemptEnd; readonly keep: boolean }> {
  const { stage, keyed, recordOf, signal } = request;
  const unlisted = keepInputLists(project, stage, keyed);
  if (unlisted !== undefined) request.onNotice(unlisted);
  const damaged = damagedCode(project, stage);
  if (damaged.length > 0) return { end: failed(damaged), keep: true };
  const packages = installedPackages(project, stage);
  const updated = changedPackages(stage, packages);
  if (updated.length > 0) return { end: failed(updated), keep: true };
  const started = project.now();
  // Packages that changed before the stage had loaded all its code; undefined until it says that it has.
  let loaded: readonly Fault[] | undefined;
  const ended = await startProcess(project, request, folder, job, () => {
    loaded ??= changedPackages(stage, packages, installedPackages(project, stage));
  });
  crashPoint('child:alone');
  if (signal.aborted) {
    const unsaved = faultsIn(judge(stage, ended, folder.result)).find(({ code }) => code === 'ERS_DISK_FULL');
    if (unsaved !== undefined) request.onNotice(`${unsaved.message} ${unsaved.hint ?? ''}`.trim());
    // Who still writes to a checkpoint must not write to that of the next attempt.
    const keep = ended.type === 'not-started' || ended.left.length === 0;
    return { end: { type: 'stopped', checkpoint: keep && hasCheckpoint(folder) }, keep };
  }
  const judgement = judge(stage, ended, folder.result);
  crashPoint('result:seen');
  if (judgement.status !== 'done') {
    const { again, final } = judgement;
    const told = faultsOf(stage, judgement);
    if (final) return { end: failed(told, again), keep: false };
    const next = await sayNext(project, stage, folder);
    return {
      end: failed(
        told.map((fault) => withNext(fault, next)),
        again,
      ),
      keep: true,
    };
  }
  request.onPhase('checking');
  const replaced = replacedFolders(stage, folder);
  const misplaced = replaced.length > 0 ? replaced : wrongOuts(stage, folder);
  if (misplaced.length > 0) return { end: failed(misplaced), keep: false };
  const faults = [
    ...(loaded ?? changedPackages(stage, packages, installedPackages(project, stage))),
    ...(await changedInputs(project, stage, keyed, recordOf, stamps)),
  ];
  crashPoint('inputs:checked');
  if (faults.length > 0) return { end: failed(faults), keep: false };
  request.onPhase('storing');
  const published = await publish(project, request, folder, job.attempt, started);
  // Of another exact runtime, or made by --strict-runtime beside it: of no more use now.
  if (published.ok) dropCheckpoints(attemptsFolder(project), request.key);
  crashPoint('attempt:published');
  return {
    end: published.ok ? { type: 'made', record: published.value } : failed(published.faults),
    keep: false,
  };
}

async function startProcess(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  job: Job,
  onLoaded: () => void,
): Promise<Ended> {
  const { stage, runtime, gpus, signal, onLine, onEvent, onNotice } = request;
  const grace = new Grace();
  const hear = (event: StageEvent) => {
    if (event.type === 'grace') grace.hear(event.seconds, performance.now());
    if (event.type === 'loaded') onLoaded();
    onEvent(event);
  };
  const events = tailEvents(folder.events, hear, onNotice);
  const command = programOf(project, stage, folder, job);
  const timer = setInterval(() => events.read(), tailMs);
  try {
    return await runProcess({
      ...command,
      cwd: folder.work,
      env: {
        ...stageEnvironment(project.env, stage.env, { runtime: runtime?.env ?? {}, gpus }, job),
        ...command.env,
      },
      onLine,
      noise: runtime?.noise ?? [],
      signal,
      graceEnds: (asked) => {
        events.read();
        return grace.endOf(asked);
      },
      timeout: stage.timeout,
      onGroup: (group) => {
        crashPoint('child:started');
        noteGroup(folder, group);
        crashPoint('child:known');
      },
      endOrphans: () => {
        crashPoint('child:ended');
        return endOrphans(job.attempt, { graceMs: orphanGraceMs });
      },
    });
  } finally {
    clearInterval(timer);
    events.close();
  }
}

function programOf(project: Project, stage: Stage, folder: AttemptFolder, job: Job): CommandLine {
  if (stage.program.type === 'command') return commandLine(stage.program.template, job, folder.work);
  return { program: process.execPath, args: [join(project.dist, 'child.mjs'), folder.root], env: {} };
}

/** Of a stage that crashed or was killed: others say themselves what to do. */
function withNext(fault: Fault, next: string | undefined): Fault {
  if (fault.code !== 'ERS_STAGE_CRASHED' || next === undefined) return fault;
  return { ...fault, hint: fault.hint === undefined ? next : `${fault.hint} ${next}` };
}

function faultsIn(judgement: Judgement): readonly Fault[] {
  return judgement.status === 'failed' ? judgement.faults : [];
}

function faultsOf(stage: Stage, judgement: Judgement): readonly Fault[] {
  if (judgement.status === 'failed') return judgement.faults;
  return [
    {
      code: 'ERS_STAGE_FAILED',
      message: `${stage.name} stopped although nobody had asked it to.`,
      place: stage.place,
      hint: 'A stage may return "stopped" only after its signal was aborted.',
    },
  ];
}
