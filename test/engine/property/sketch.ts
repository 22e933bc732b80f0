import type { StageName } from '../../../engine/definition/types.ts';
import type { Sketch } from '../pipelines.ts';
import { outPath, script, type DepShape, type Shape, type World } from './model.ts';

/** A stage of the model as the engine is given it. In the folder `counts` series count. */
export function sketchOf(
  shape: Shape,
  world: World,
  { at, counts }: { readonly at: number; readonly counts: string },
): Sketch {
  const stage = shape.stages[at];
  if (stage === undefined) throw new Error(`no stage ${at}`);
  const deps = stage.deps.flatMap((dep, index) => depTexts(dep, `d${index}`, shape, world));
  const outs = stage.outs.map((kind, index): [string, string] => {
    const path = outPath(kind, index, world.names[at] ?? 0);
    return [`o${index}`, kind === 'folder' ? `${path}/` : path];
  });
  return {
    cmd: [
      ...['/bin/sh', '-c', script(stage, world.codes[at] ?? 0, counts), 'sh'],
      ...stage.deps.map((_, index) => `{deps.d${index}}`),
      stage.param === undefined ? '' : `{params.${stage.param}}`,
      ...outs.map(([name]) => `{outs.${name}}`),
    ],
    deps: Object.fromEntries(deps),
    params: stage.param === undefined ? {} : { [stage.param]: world.params[stage.param] },
    outs: Object.fromEntries(outs),
    env: stage.env ? ['MODE'] : [],
    always: stage.always,
    keep: stage.keep,
    frozen: world.frozen[at] !== undefined,
    metrics: outs.flatMap(([name], index) => (stage.outs[index] === 'metrics' ? [name] : [])),
  };
}

export function stageName(at: number): StageName {
  return `s${at}` as StageName;
}

/** As a definition has them: of several outs as one folder each below the name. */
function depTexts(dep: DepShape, name: string, shape: Shape, { names }: World): readonly [string, string][] {
  if (dep.type !== 'members') return [[name, depText(dep)]];
  return dep.outs.map(({ stage, out }, at) => {
    const kind = shape.stages[stage]?.outs[out] ?? 'file';
    const below = kind === 'folder' ? '' : `/${outPath(kind, out, names[stage] ?? 0)}`;
    return [`${name}/m${at}${below}`, `${stageName(stage)}:o${out}`];
  });
}

function depText(dep: Exclude<DepShape, { type: 'members' }>): string {
  if (dep.type === 'input') return dep.path;
  return `${stageName(dep.stage)}:o${dep.out}${dep.sub === '' ? '' : `/${dep.sub}`}`;
}
