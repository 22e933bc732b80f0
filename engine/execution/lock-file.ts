import { byCodeUnit, canonical, type Json } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';
import { acceptedOf } from '../project/accepted.ts';
import { leaves } from '../plan/diff.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import { stageOf } from '../key/graph.ts';
import { readKeyInputs, type KeyInputs } from '../key/key.ts';
import { metricsOf, type Metrics } from '../key/metrics.ts';
import { lockFile } from '../project/layout.ts';
import type { Project } from '../project/project.ts';

const header =
  '# What made the current artifacts, one fact a line. Written by `ers run`, read by nobody but git.\n';

/** Writes `pipeline.lock` if its text changed. */
export function writeLockFile(
  project: Project,
  shown: readonly (readonly [StageName, StageRecord | undefined])[],
): void {
  const lines = shown
    .flatMap(([stage, record]) =>
      record === undefined ? [] : facts(stage, record, metricsTold(project, stage, record)),
    )
    .sort(byCodeUnit);
  const text = `${header}${lines.map((line) => `${line}\n`).join('')}`;
  if (readIfThere(lockFile(project)) !== text) writeWhole(lockFile(project), text);
}

/** None where the list of metrics does not fit the files, which the run has told. */
function metricsTold(project: Project, name: StageName, record: StageRecord): Metrics {
  const told = metricsOf(project, stageOf(project.pipeline, name), record);
  return told.ok ? told.value.metrics : {};
}

function facts(stage: StageName, record: StageRecord, metrics: Metrics): readonly string[] {
  const inputs = readKeyInputs(record.inputs);
  const accepted = acceptedOf(record);
  return [
    `${stage} key ${record.key}`,
    ...(accepted === undefined ? [] : [`${stage} accepted from ${accepted.from}`]),
    ...Object.entries(record.outs).map(
      ([name, out]) => `${stage} out ${name} ${out.digest} ${out.files} files ${out.bytes} bytes`,
    ),
    ...Object.entries(metrics).map(([name, value]) => `${stage} metric ${name} ${value}`),
    ...(inputs === undefined ? [] : inputFacts(stage, inputs)),
  ];
}

function inputFacts(stage: StageName, { code, params, deps, env, runtime }: KeyInputs): readonly string[] {
  const each = (kind: string, values: Readonly<Record<string, Json>>) =>
    Object.entries(values).map(([name, value]) => `${stage} ${kind} ${name} ${canonical(value)}`);
  return [
    ...(code.type === 'command'
      ? [`${stage} command ${canonical(code.template)}`]
      : [...each('code', code.bundles), ...each('package', code.packages), `${stage} node ${code.node}`]),
    ...each('param', leaves(params)),
    ...Object.entries(deps).map(([name, dep]) => `${stage} dep ${name} ${dep.digest} ${dep.kind}`),
    // Only its digest: a declared value may be a secret, and this file goes into git.
    ...Object.entries(env).map(
      ([name, value]) => `${stage} env ${name} ${value === null ? '(unset)' : sha256(value)}`,
    ),
    ...(runtime === null ? [] : [`${stage} runtime ${runtime}`]),
  ];
}
