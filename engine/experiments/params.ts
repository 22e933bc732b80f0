import { byCodeUnit, canonical, type Json } from '../../base/canonical.ts';
import { overlaps } from '../definition/matrix.ts';
import type { Pipeline, StageName } from '../definition/types.ts';
import { leaves } from '../plan/diff.ts';

/** The params that a stage was made with. */
export type StageParams = readonly [stage: string, params: Readonly<Record<string, Json>>];

/** Every config key that some stage reads, with the schemas' defaults. */
export function paramKeys(pipeline: Pipeline): readonly string[] {
  return [...new Set([...pipeline.stages.values()].flatMap(({ params }) => Object.keys(leaves(params))))];
}

/**
 * Of each of several results the params of all its stages as one: dotted key → value, lists whole. Where the stages of one
 * were made with different values of one key, it is `stage:key` in all. A key that is an axis of
 * a matrix is `stage:key` always: a member's value is none of the whole result.
 */
export function paramsOf(
  pipeline: Pipeline,
  results: readonly (readonly StageParams[])[],
): readonly Readonly<Record<string, Json>>[] {
  const all = results.map((stages) =>
    stages.flatMap(([stage, params]) => {
      const axes = axesOf(pipeline, stage);
      return Object.entries(leaves(params)).map(([key, value]) => {
        return { stage, key, value, isAxis: axes.some((axis) => overlaps(key, axis)) };
      });
    }),
  );
  const several = new Set(
    all.flatMap((params) => keysWithSeveralValues(params.filter(({ isAxis }) => !isAxis))),
  );
  return all.map((params) =>
    Object.fromEntries(
      params.map(({ stage, key, value, isAxis }) => [
        isAxis || several.has(key) ? `${stage}:${key}` : key,
        value,
      ]),
    ),
  );
}

/** Keys of params that not all have with one value, sorted. */
export function differingParams(
  all: readonly { readonly params: Readonly<Record<string, Json>> }[],
): readonly string[] {
  const keys = [...new Set(all.flatMap(({ params }) => Object.keys(params)))].sort(byCodeUnit);
  const textOf = (value: Json | undefined) => (value === undefined ? '' : canonical(value));
  return keys.filter((key) => new Set(all.map(({ params }) => textOf(params[key]))).size > 1);
}

/** The keys, as `paramsOf` has them, that are axes: the names of the members say their values. */
export function axisKeys(pipeline: Pipeline): ReadonlySet<string> {
  const keys = [...pipeline.stages.values()].flatMap(({ name, params }) => {
    const axes = axesOf(pipeline, name);
    const own = Object.keys(leaves(params)).filter((key) => axes.some((axis) => overlaps(key, axis)));
    return own.map((key) => `${name}:${key}`);
  });
  return new Set(keys);
}

/** The matrices, as pipeline.yaml names them, whose members were made with different params beside their axes, at different times. */
export function mixedMatrices(pipeline: Pipeline, result: readonly StageParams[]): readonly string[] {
  const first = new Map<string, string>();
  const mixed = result.flatMap(([stage, params]) => {
    const of = pipeline.stages.get(stage as StageName)?.member?.of;
    if (of === undefined) return [];
    const axes = axesOf(pipeline, stage);
    const others = Object.entries(leaves(params)).filter(
      ([key]) => !axes.some((axis) => overlaps(key, axis)),
    );
    const text = canonical(Object.fromEntries(others));
    const known = first.get(of) ?? text;
    first.set(of, known);
    return known === text ? [] : [of];
  });
  return [...new Set(mixed)];
}

function axesOf(pipeline: Pipeline, stage: string): readonly string[] {
  return Object.keys(pipeline.stages.get(stage as StageName)?.member?.axes ?? {});
}

function keysWithSeveralValues(
  params: readonly { readonly key: string; readonly value: Json }[],
): readonly string[] {
  const values = new Map<string, string>();
  return params.flatMap(({ key, value }) => {
    const text = canonical(value);
    const known = values.get(key) ?? text;
    values.set(key, known);
    return known === text ? [] : [key];
  });
}
