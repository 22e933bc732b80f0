import { sourcesOf } from './model.ts';
import { stageName } from './sketch.ts';
import type { Workbench } from './workbench.ts';

/** The stages that one reads; a frozen one reads none. */
export function above(bench: Workbench, at: number): readonly string[] {
  if (bench.isFrozen(at)) return [];
  const { deps } = bench.shape.stages[at] ?? { deps: [] };
  return deps.flatMap(sourcesOf).map(stageName);
}

/** What the plan of these targets is about: nothing above a frozen stage for its sake. */
export function withAbove(bench: Workbench, targets: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(targets);
  for (const at of [...bench.shape.stages.keys()].reverse()) {
    if (all.has(stageName(at))) for (const name of above(bench, at)) all.add(name);
  }
  return all;
}

/** The stages that read it. */
export function below(bench: Workbench, at: number): readonly string[] {
  const all = bench.shape.stages.map((_, index) => index);
  return all.filter((index) => above(bench, index).includes(stageName(at))).map(stageName);
}

/** These and all below them. */
export function withBelow(bench: Workbench, names: readonly string[]): ReadonlySet<string> {
  const all = new Set(names);
  for (const at of bench.shape.stages.keys()) {
    if (above(bench, at).some((name) => all.has(name))) all.add(stageName(at));
  }
  return all;
}
