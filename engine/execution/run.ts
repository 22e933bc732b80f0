import { randomBytes } from 'node:crypto';
import { crashPoint } from '../../base/crash-point.ts';
import type { Fault } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { Interrupted } from '../../cache/watch.ts';
import { forgetFormerStages } from '../project/artifacts.ts';
import { sweepAttempts } from '../attempt/peers.ts';
import { currentRecord } from '../key/result.ts';
import { distinctFaults, faultId } from '../../base/distinct-faults.ts';
import type { StageName } from '../definition/types.ts';
import { Execution } from './execution.ts';
import type { ExecutionIo, RunIo } from './io.ts';
import type { EngineEvent, PlannedStage } from '../events.ts';
import { withAncestors } from '../key/graph.ts';
import { attemptsFolder, experimentsFolder, lockFile, runsFolder } from '../project/layout.ts';
import { draft } from '../plan/draft.ts';
import { enterStore } from '../project/presence.ts';
import { writeLockFile } from './lock-file.ts';
import type { Project } from '../project/project.ts';
import { select, type PlanRequest } from '../plan/request.ts';
import { RunLog } from '../project/run-log.ts';
import { sayUnwritten } from '../project/unwritten.ts';
import { saveLearnt, watched } from '../project/watched.ts';

/** Which stages to make, and how a run goes on beside failures and other runs. */
export interface RunRequest extends PlanRequest {
  /** After a failure go on with the stages that do not depend on it. */
  readonly keepGoing?: boolean;
  /** Begins a stage also while another run makes the same, instead of waiting for its result. */
  readonly noWait?: boolean;
}

/** Exit codes of a run; the CLI's table starts from these. */
const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Executes the plan of `request`. Everything it has to say leaves through `io.emit`; faults too (outcome `failed`).
 * Resolves to the exit code: 0 all made, 1 a stage failed, 2 an input is missing, 130 stopped.
 */
export async function run(project: Project, request: RunRequest, io: RunIo): Promise<number> {
  const started = project.now();
  const runLog = new RunLog(runsFolder(project), project.now, randomBytes(3).toString('hex'));
  const log = (event: EngineEvent) => {
    const problem = runLog.add(event);
    if (problem !== undefined) io.emit({ type: 'notice', level: 'warning', text: problem });
  };
  const emit = (event: EngineEvent) => {
    io.emit(event);
    log(event);
  };
  const presence = enterStore(project, runLog.id, (text) => emit({ type: 'notice', level: 'warning', text }));
  let exitCode: number;
  try {
    const seen = watched(presence.project, io);
    exitCode = await untilStopped(() => carryOut(seen, request, { ...io, emit, log }, runLog.id));
    await saveLearnt(project);
  } finally {
    presence.leave();
  }
  crashPoint('run:ended');
  emit({ type: 'run-finished', exitCode, seconds: (project.now() - started) / 1000 });
  return exitCode;
}

/** A run that is stopped while its plan is made has nothing to save but what it has read. */
async function untilStopped(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) return exitCodes.interrupted;
    throw error;
  }
}

/** Tells each fault once, at the first stage that has it; whatever else is not cached is skipped because of that stage. */
function refuse(
  stages: readonly (PlannedStage & { readonly stage: StageName })[],
  blocked: ReadonlyMap<StageName, readonly Fault[]>,
  io: Pick<ExecutionIo, 'emit'>,
): void {
  const told = new Set<string>();
  const [because = ''] = blocked.keys();
  for (const { stage, state } of stages) {
    const faults = distinctFaults(blocked.get(stage) ?? []).filter((fault) => !told.has(faultId(fault)));
    for (const fault of faults) told.add(faultId(fault));
    if (faults.length > 0)
      io.emit({ type: 'stage-finished', stage, outcome: { type: 'failed', seconds: 0, faults } });
    else if (state !== 'cached' && state !== 'frozen')
      io.emit({ type: 'stage-finished', stage, outcome: { type: 'skipped', because } });
  }
}

async function carryOut(project: Project, request: RunRequest, io: ExecutionIo, id: string): Promise<number> {
  if (!project.store.readOnly) await sweepAttempts(attemptsFolder(project));
  const { stages, blocked } = await draft(project, request);
  crashPoint('plan:drafted');
  const names = project.experiments?.names ?? [];
  io.emit({
    type: 'run-started',
    run: id,
    stages: stages.map(({ stage, state, reasons }) => ({ stage, state, reasons })),
    ...(names.length === 0 ? {} : { experiments: names }),
  });
  if (blocked.size > 0) {
    refuse(stages, blocked, io);
    return exitCodes.usage;
  }
  const { forced, targets } = select(project.pipeline, request);
  const execution = new Execution(
    project,
    stages,
    { forced, targets, keepGoing: request.keepGoing === true, wait: request.noWait !== true },
    io,
  );
  const { failed, stopped, left, records } = await execution.run();
  // What another run shows is that run's to write down.
  const problem = left ? undefined : conclude(project, targets, records);
  if (problem !== undefined) io.emit({ type: 'notice', level: 'warning', text: problem });
  if (stopped) return exitCodes.interrupted;
  return failed ? exitCodes.failed : exitCodes.ok;
}

/** Writes down what stands now: a plain run `pipeline.lock`, experiments their own files. Returns a sentence if the system refuses. */
function conclude(
  project: Project,
  targets: ReadonlySet<StageName>,
  records: ReadonlyMap<StageName, StageRecord>,
): string | undefined {
  const { pipeline, experiments } = project;
  if (experiments !== undefined) {
    return sayUnwritten(pipeline.root, experimentsFolder(project), () => experiments.settle());
  }
  if (project.store.readOnly) return undefined;
  const unswept = forgetFormerStages(project);
  if (unswept !== undefined || !pipeline.default.every((name) => targets.has(name))) return unswept;
  // A stage that failed still shows what it made before.
  const shown = withAncestors(pipeline, pipeline.default).map(
    (stage) => [stage, records.get(stage) ?? currentRecord(project, stage)] as const,
  );
  const file = lockFile(project);
  return sayUnwritten(pipeline.root, file, () => writeLockFile(project, shown));
}
