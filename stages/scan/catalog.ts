import { readFile } from 'node:fs/promises';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { fail, ok, type Result } from '../../base/fault.ts';

/** The class index of pixels that are neither trained nor scored. */
export const IGNORE = 255;

const Path = Type.String({ minLength: 1 });
const Count = Type.Integer({ minimum: 0 });

/** A class as training sees it: its pixel value, and its index 0…C−1 in value order or null if it is ignored. */
const CatalogClass = Type.Object({
  value: Type.Integer({ minimum: 0, maximum: 255 }),
  train: Type.Union([Type.Integer({ minimum: 0, maximum: 254 }), Type.Null()]),
});

/** An image of a mask. `period` is '' where the pattern of images has no {period}. Paths are relative to the dataset. */
const CatalogImage = Type.Object({ period: Type.String(), path: Path });

export const CatalogMask = Type.Object({
  name: Path,
  mask: Path,
  images: Type.Array(CatalogImage, { minItems: 1 }),
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
  histogram: Type.Record(Type.String(), Count),
  group: Type.String(),
});

/** `catalog.json`: what lies in the dataset and passed every check. Masks are in the order of their names. */
export const Catalog = Type.Object({
  version: Type.Literal(1),
  classes: Type.Array(CatalogClass, { minItems: 1 }),
  ignore: Type.Literal(IGNORE),
  periods: Type.Array(Type.String(), { minItems: 1 }),
  masks: Type.Array(CatalogMask, { minItems: 1 }),
  groups: Type.Array(Type.Object({ key: Type.String(), masks: Count })),
});

export type CatalogClass = Static<typeof CatalogClass>;
export type CatalogImage = Static<typeof CatalogImage>;
export type CatalogMask = Static<typeof CatalogMask>;
export type Catalog = Static<typeof Catalog>;

/** Reads a catalog. Faults: ERS_SCHEMA where the file is no catalog of version 1. */
export async function readCatalog(path: string, shownAs: string): Promise<Result<Catalog>> {
  const refuse = (message: string): Result<Catalog> =>
    fail({
      code: 'ERS_SCHEMA',
      message,
      place: { file: shownAs },
      hint: 'Make it anew with the scan stage.',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`The catalog is no JSON: ${error.message}.`);
    throw error;
  }
  if (Value.Check(Catalog, value)) return ok(value);
  const [first] = Value.Errors(Catalog, value);
  return refuse(`The catalog is not of version 1: ${first?.instancePath ?? ''} ${first?.message ?? ''}.`);
}
