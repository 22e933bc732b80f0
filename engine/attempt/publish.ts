import { cpus, hostname, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { canonical, type Json } from '../../base/canonical.ts';
import { fail, ok, type Result } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere } from '../../cache/state-file.ts';
import { sourceOf } from '../key/inputs.ts';
import { readMetrics } from '../key/metrics.ts';
import type { Project } from '../project/project.ts';
import type { Rehearsal } from '../project/rehearsal.ts';
import type { AttemptRequest } from './request.ts';
import { compareOuts, sayDifference } from './compare.ts';
import type { AttemptFolder } from './folder.ts';
import type { JobResult } from './job.ts';

/** Takes the outs into the store and links the record, which is the commit point. Throws the store's `FaultError`s. */
export async function publish(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  attempt: string,
  started: number,
): Promise<Result<StageRecord>> {
  const { stage, key, keyed } = request;
  const { rehearsal } = project;
  if (rehearsal?.stage === stage.name) return rehearse(project, rehearsal, request, folder);
  const metrics = readMetrics(stage, folder.outs);
  if (!metrics.ok) return metrics;
  const seconds = (project.now() - started) / 1000;
  const outs = await project.store.adopt(
    Object.fromEntries(
      Object.entries(stage.outs).map(([name, { path, kind, place }]) => [
        name,
        { path: join(folder.outs, path), kind, said: { path: `outs/${path}`, place } },
      ]),
    ),
  );
  const record: StageRecord = {
    version: 1,
    key,
    inputs: keyed.text,
    outs,
    metrics: metrics.value,
    made: provenance(project, request, { attempt, started, seconds }, toldBy(folder)),
  };
  project.store.commit(record);
  return ok(record);
}

/** Instead: looks whether the outs are those of the result that is there. */
async function rehearse(
  project: Project,
  rehearsal: Rehearsal,
  { stage, key, cores, runtime, signal }: AttemptRequest,
  folder: AttemptFolder,
): Promise<Result<StageRecord>> {
  const record = project.store.record(key);
  if (record === undefined) {
    return fail({
      code: 'ERS_USAGE',
      message: `${stage.name} has no result that was made from what is there now, so that there is nothing to compare.`,
      place: stage.place,
      hint: 'A frozen stage, or one whose older result was accepted, keeps what was made from something else.',
    });
  }
  const difference = await compareOuts(project, stage, folder.outs, record, { signal });
  rehearsal.compared(record, difference);
  if (difference === undefined) return ok(record);
  const now = { node: process.version, cores, runtime: runtime?.fingerprint ?? null };
  const others = Object.entries(now)
    .filter(([name, value]) => canonical(record.made[name] ?? null) !== canonical(value))
    .map(([name]) => name);
  const causes = others.length === 0 ? '' : ` The first was made with another ${others.join(' and ')}.`;
  return fail(sayDifference(stage, difference, causes));
}

/** What no key holds: when, where and by what a result was made. */
function provenance(
  project: Project,
  { stage, dropCheckpoint, cores, runtime, gpus }: AttemptRequest,
  attempt: { readonly attempt: string; readonly started: number; readonly seconds: number },
  { peakMemory, runtime: facts }: Partial<Doing>,
): Readonly<Record<string, Json>> {
  return {
    at: new Date(project.now()).toISOString(),
    started: new Date(attempt.started).toISOString(),
    seconds: attempt.seconds,
    attempt: attempt.attempt,
    stage: ownName(project, stage.name),
    // The outs that its numbers were read from: other stages with this key, or this one later, may list others.
    metrics: stage.metrics,
    sources: Object.fromEntries(
      Object.entries(stage.deps).map(([name, dep]) => [
        name,
        sourceOf(dep.type === 'out' ? { ...dep, stage: ownName(project, dep.stage) } : dep),
      ]),
    ),
    modules: modulesOf(stage),
    ers: project.ers,
    node: process.version,
    ...machine(),
    ...(peakMemory === undefined ? {} : { peakMemory }),
    cores,
    gpus,
    runtime: runtime === undefined ? null : { ...runtime.fingerprint, ...facts },
    // Only --force drops a checkpoint.
    ...(dropCheckpoint ? { forced: true } : {}),
  };
}

/** Where a result was made. Its name and size are provenance only: no key and no out holds them. */
function machine(): Readonly<Record<string, Json>> {
  const processors = cpus();
  return {
    host: hostname(),
    platform: `${process.platform}-${process.arch}`,
    os: `${type()} ${release()}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memory: totalmem(),
  };
}

/** What the process of a built-in stage said of its doing; nothing of a program's is known. */
interface Doing {
  /** Bytes that it held at most. */
  readonly peakMemory: number;
  /** Facts of the runtime that were others than the engine had set up. */
  readonly runtime: Readonly<Record<string, Json>>;
}

function toldBy(folder: AttemptFolder): Partial<Doing> {
  const result = parseJson(readIfThere(folder.result) ?? '') as JobResult | undefined;
  if (result?.status !== 'done') return {};
  const { peakMemory, runtime } = result;
  return {
    ...(peakMemory === undefined ? {} : { peakMemory }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

function modulesOf({ program }: Stage): Readonly<Record<string, string>> {
  return program.type === 'uses' ? program.definition.code.modules : {};
}

/** A record outlives the run: it names stages as the pipeline does, without an experiment's label. */
function ownName(project: Project, stage: StageName): StageName {
  return project.experiments?.own.get(stage) ?? stage;
}
