import type { Json } from '../../base/canonical.ts';
import type { Pipeline } from '../definition/types.ts';
import { leaves } from '../diff.ts';

/** Every config key that some stage reads, with the schemas' defaults. */
export function paramKeys(pipeline: Pipeline): readonly string[] {
  return Object.keys(paramsOf([...pipeline.stages.values()].map(({ params }) => params)));
}

/** The params of several stages as one: dotted key → value, lists whole. */
export function paramsOf(all: readonly Readonly<Record<string, Json>>[]): Readonly<Record<string, Json>> {
  return Object.assign({}, ...all.map((params) => leaves(params))) as Readonly<Record<string, Json>>;
}
