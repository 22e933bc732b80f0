import { join } from 'node:path';
import { sizeBelow, takeInventory, type StoredTree } from '../cache/inventory.ts';
import { currentKey } from '../engine/current.ts';
import type { Project } from '../engine/index.ts';
import { plural, sayBytes, sayCount } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { alignRows } from './table.ts';

interface StageUse {
  readonly stage: string;
  results: number;
  files: number;
  bytes: number;
  /** Of `bytes`: what this project's `artifacts/` shows. */
  current: number;
}

/** `ers du`: what lies in the store, a tree that several results share once, at the first of them. */
export function duCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const { root } = project.store;
    const stages = usePerStage(project);
    const others = Object.fromEntries(
      ['quarantine', 'attempts', 'incoming', 'trash'].map((name) => [name, sizeBelow(join(root, name))]),
    );
    const bytes = [...stages, ...Object.values(others)].reduce((sum, each) => sum + each.bytes, 0);
    if (options.json === true) {
      io.out(JSON.stringify({ store: root, stages, others, bytes }, undefined, 2));
      return exitCodes.ok;
    }
    const rows = stages.map(({ stage, results, files, bytes: all, current }) => [
      ...[stage, plural(results, 'result'), sayCount(files)],
      ...[all, current, all - current].map(sayBytes),
    ]);
    const head = ['stage', 'results', 'files', 'size', 'current', 'older'];
    for (const line of alignRows([head, ...rows], [1, 2, 3, 4, 5])) io.out(line);
    for (const [name, size] of Object.entries(others)) if (size.files > 0) io.out(sayOther(name, size));
    io.out(`${sayBytes(bytes)} in ${root}`);
    return exitCodes.ok;
  });
}

function usePerStage(project: Project): readonly StageUse[] {
  const { keys, trees } = takeInventory(project.store.root);
  const { order } = project.pipeline;
  const current = new Set(order.map((stage) => currentKey(project, stage)));
  const left = new Map(trees);
  const stages = new Map<string, StageUse>();
  const useOf = (stage: string): StageUse => {
    const use = stages.get(stage) ?? { stage, results: 0, files: 0, bytes: 0, current: 0 };
    stages.set(stage, use);
    return use;
  };
  const take = (use: StageUse, tree: (typeof keys)[number]['trees'][number], isCurrent: boolean): void => {
    const size = left.get(tree);
    if (size === undefined) return;
    left.delete(tree);
    use.files += size.files;
    use.bytes += size.bytes;
    if (isCurrent) use.current += size.bytes;
  };
  for (const stage of order) if (keys.some((each) => each.stage === stage)) useOf(stage);
  // Current ones first, so that what they share with older ones counts as current.
  const rank = (key: (typeof keys)[number]['key']): number => (current.has(key) ? 0 : 1);
  for (const { key, stage, trees: own } of [...keys].sort((a, b) => rank(a.key) - rank(b.key))) {
    const use = useOf(stage);
    if (own.length > 0) use.results += 1;
    for (const tree of own) take(use, tree, current.has(key));
  }
  for (const tree of [...left.keys()]) take(useOf('(no record)'), tree, false);
  return [...stages.values()];
}

function sayOther(name: string, { files, bytes }: StoredTree): string {
  return `${name}: ${plural(files, 'file')}, ${sayBytes(bytes)}`;
}
