import { join } from 'node:path';
import { short } from '../base/digest.ts';
import { FaultError, type Fault } from '../base/fault.ts';
import { choose } from '../cache/choose.ts';
import { sizeBelow, takeInventory } from '../cache/inventory.ts';
import { protection } from '../cache/protected.ts';
import { usageOf, type StageUse } from '../cache/usage.ts';
import { callableNames, stagesCalled } from '../engine/definition/members.ts';
import type { Pipeline, StageName } from '../engine/definition/types.ts';
import { currentKey } from '../engine/project/current.ts';
import { didYouMean } from '../base/suggest.ts';
import { keptResults } from '../engine/project/housekeeping.ts';
import { unusedRemote } from '../engine/project/unused-remote.ts';
import type { Project } from '../engine/index.ts';
import { plural, sayBytes, sayCount } from '../ui/units.ts';
import { defaultCap } from './amounts.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { sayWhen } from './records.ts';
import { alignRows } from './table.ts';

interface Usage {
  readonly stages: readonly StageUse[];
  /** Bytes of outs that several results have, each counted once. */
  readonly shared: number;
  /** Why `ers gc` would remove nothing. */
  readonly faults: readonly Fault[];
}

/** `ers du [STAGE]`: what lies in the store by stage, or by result of one stage, and what `ers gc` would free of it. */
export function duCommand(
  stage: string | undefined,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const usage = usageIn(project, io.now());
    const { root } = project.store;
    if (stage !== undefined) {
      const members = stagesCalled(stage, project.pipeline.stages);
      const names = members.length === 0 ? [stage] : members;
      const found = names.map((name) => stageIn(usage, name, project.pipeline));
      if (options.json === true) {
        const [one] = found;
        const said = found.length === 1 ? { ...one } : { stages: found };
        io.out(JSON.stringify({ store: root, ...said }, undefined, 2));
      } else for (const line of found.flatMap(resultLines)) io.out(line);
      return exitCodes.ok;
    }
    const others = Object.fromEntries(
      ['quarantine', 'attempts', 'incoming', 'trash'].map((name) => [name, sizeBelow(join(root, name))]),
    );
    const bytes = [...usage.stages, ...Object.values(others)].reduce((sum, each) => sum + each.bytes, 0);
    const remote = remoteIn(project, io.now());
    if (options.json === true) {
      io.out(JSON.stringify({ store: root, ...usage, others, bytes, remote }, undefined, 2));
      return exitCodes.ok;
    }
    for (const line of stageLines(usage)) io.out(line);
    for (const [name, size] of Object.entries(others)) {
      if (size.files > 0) io.out(`${name}: ${plural(size.files, 'file')}, ${sayBytes(size.bytes)}`);
    }
    io.out(`${sayBytes(bytes)} in ${root}${sayFreed(usage)}`);
    if (remote.files > 0) {
      io.out(
        `${sayBytes(remote.bytes)} fetched into ${remote.folder}, which all checkouts share; ers gc would free ${sayBytes(remote.removable)}`,
      );
    }
    return exitCodes.ok;
  });
}

function usageIn(project: Project, now: number): Usage {
  const { store, pipeline } = project;
  const inventory = takeInventory(store.root);
  const needed = protection(store.root, pipeline.root);
  const cap = { ...defaultCap, now, keep: keptResults(pipeline) };
  const keys = pipeline.order.map((stage) => currentKey(project, stage));
  const stages = usageOf(inventory, {
    current: new Set(keys.filter((key) => key !== undefined)),
    removable: new Set(needed.ok ? choose(inventory, needed.value, cap).trees : []),
    order: pipeline.order,
  });
  const times = new Map<string, number>();
  for (const tree of inventory.keys.flatMap((key) => key.trees)) times.set(tree, (times.get(tree) ?? 0) + 1);
  const shared = [...inventory.trees].reduce(
    (sum, [tree, { bytes }]) => sum + ((times.get(tree) ?? 0) > 1 ? bytes : 0),
    0,
  );
  return { stages, shared, faults: needed.ok ? [] : needed.faults };
}

/** What was fetched from hubs for this user; outside the store and its sum. */
function remoteIn(project: Project, now: number) {
  const folder = project.remoteFiles?.folder ?? '';
  const unused = unusedRemote(project, now, defaultCap.maxAge);
  return {
    ...{ folder, ...(folder === '' ? { files: 0, bytes: 0 } : sizeBelow(folder)) },
    removable: unused.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function stageIn({ stages }: Usage, name: string, pipeline: Pipeline): StageUse {
  const found = stages.find(({ stage }) => stage === name);
  if (found !== undefined) return found;
  if (pipeline.stages.has(name as StageName)) {
    return { stage: name, files: 0, bytes: 0, current: 0, shared: 0, removable: 0, results: [] };
  }
  throw new FaultError({
    code: 'ERS_UNKNOWN_STAGE',
    message: `There is no stage \`${name}\`, neither in the pipeline nor in the store.`,
    ...didYouMean(name, new Set([...callableNames(pipeline.stages), ...stages.map(({ stage }) => stage)])),
  });
}

function stageLines({ stages, shared }: Usage): readonly string[] {
  const head = ['stage', 'results', 'files', 'size', 'current', 'older', 'gc frees'];
  const rows = stages.map(({ stage, results, files, bytes, current, removable }) => [
    ...[stage, plural(results.length, 'result'), sayCount(files)],
    ...[bytes, current, bytes - current, removable].map(sayBytes),
  ]);
  const said = shared === 0 ? [] : [`${sayBytes(shared)} belong to several results and are counted once`];
  return [...alignRows([head, ...rows], [1, 2, 3, 4, 5, 6]), ...said];
}

/** One row a result. */
function resultLines({ stage, results, bytes, shared, removable }: StageUse): readonly string[] {
  if (results.length === 0) return [`${stage} has nothing in the store`];
  const head = ['stage@record', 'files', 'size', 'shared', 'gc frees', 'made (UTC)', 'used (UTC)', ''];
  const rows = results.map((use) => [
    `${stage}@${short(use.key).slice(0, 8)}`,
    sayCount(use.files),
    ...[use.bytes, use.shared, use.removable].map(sayBytes),
    ...[sayWhen(use.at), sayWhen(new Date(use.used).toISOString())],
    use.current ? 'current' : '',
  ]);
  const again = shared === 0 ? '' : `; ${sayBytes(shared)} more are counted at another result`;
  return [
    ...alignRows([head, ...rows], [1, 2, 3, 4]),
    `${sayBytes(bytes)} in ${plural(results.length, 'result')}, of which ers gc would free ${sayBytes(removable)}${again}`,
  ];
}

function sayFreed({ stages, faults }: Usage): string {
  const [fault] = faults;
  if (fault !== undefined) return `; ers gc would remove nothing. ${fault.message}`;
  const bytes = stages.reduce((sum, { removable }) => sum + removable, 0);
  return `; ers gc would free ${sayBytes(bytes)}`;
}
