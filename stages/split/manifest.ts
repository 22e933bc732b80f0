import { readFile } from 'node:fs/promises';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { fail, ok, type Result } from '../../base/fault.ts';
import { Catalog, CatalogMask } from '../scan/catalog.ts';

export const SET_NAMES = ['train', 'val', 'test'] as const;
export type SetName = (typeof SET_NAMES)[number];

const SplitSample = Type.Object({
  name: CatalogMask.properties.name,
  mask: CatalogMask.properties.mask,
  images: CatalogMask.properties.images,
  group: CatalogMask.properties.group,
  /** The stratum it was drawn in: a group's key, or `rare`. */
  stratum: Type.String(),
  set: Type.Union([Type.Literal('train'), Type.Literal('val'), Type.Literal('test')]),
});

/** `split.json`: which mask, with all its images, went to which set. Samples are in the order of their names. */
const SplitManifest = Type.Object({
  version: Type.Literal(1),
  classes: Catalog.properties.classes,
  ignore: Catalog.properties.ignore,
  periods: Catalog.properties.periods,
  seed: Type.Integer({ minimum: 0 }),
  samples: Type.Array(SplitSample, { minItems: 1 }),
  /** What was done with groups, strata and sets, a sentence each. */
  decisions: Type.Array(Type.String()),
});

type SplitSample = Static<typeof SplitSample>;
export type SplitManifest = Static<typeof SplitManifest>;

/** Reads a split. Faults: ERS_SCHEMA where the file is no split of version 1. */
export async function readSplit(path: string, shownAs: string): Promise<Result<SplitManifest>> {
  const refuse = (message: string): Result<SplitManifest> =>
    fail({
      code: 'ERS_SCHEMA',
      message,
      place: { file: shownAs },
      hint: 'Make it anew with the split stage.',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`The split is no JSON: ${error.message}.`);
    throw error;
  }
  if (Value.Check(SplitManifest, value)) return ok(value);
  const [first] = Value.Errors(SplitManifest, value);
  return refuse(`The split is not of version 1: ${first?.instancePath ?? ''} ${first?.message ?? ''}.`);
}
