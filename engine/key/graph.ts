import type { Pipeline, Stage, StageName } from '../definition/types.ts';

/** The stage of that name; an unknown name is a bug, since the definition has checked them all. */
export function stageOf(pipeline: Pipeline, name: StageName): Stage {
  const stage = pipeline.stages.get(name);
  if (stage === undefined) throw new Error(`Internal error: no stage ${name}`);
  return stage;
}

/** The stages whose outs a stage may need, each once, in the order of its deps. A frozen one never runs and needs none. */
export function upstream(stage: Stage): readonly StageName[] {
  if (stage.frozen) return [];
  const names = Object.values(stage.deps).flatMap((dep) => (dep.type === 'out' ? [dep.stage] : []));
  return [...new Set(names)];
}

/** The given stages and everything above them, in topological order. */
export function withAncestors(pipeline: Pipeline, names: Iterable<StageName>): readonly StageName[] {
  const wanted = new Set(names);
  for (const name of pipeline.order.toReversed()) {
    if (wanted.has(name)) for (const above of upstream(stageOf(pipeline, name))) wanted.add(above);
  }
  return pipeline.order.filter((name) => wanted.has(name));
}

/** The stages among `within` that read, directly or not, what one of `names` makes; without `names` themselves. */
export function descendants(
  pipeline: Pipeline,
  names: Iterable<StageName>,
  within: ReadonlySet<StageName>,
): readonly StageName[] {
  const sources = new Set(names);
  const reached = new Set(sources);
  for (const name of pipeline.order) {
    if (!within.has(name)) continue;
    if (upstream(stageOf(pipeline, name)).some((above) => reached.has(above))) reached.add(name);
  }
  return pipeline.order.filter((name) => reached.has(name) && !sources.has(name));
}
