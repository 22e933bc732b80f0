import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { FaultError } from '../../../base/fault.ts';
import { remake } from './remake.ts';

const count = Type.Integer({ minimum: 1 });

/** `dataset.json` of a set of shards (docs/architecture.md); what training does not read is let through. */
const DatasetJson = Type.Object({
  version: Type.Literal(1),
  set: Type.String(),
  samples: Type.Integer({ minimum: 0 }),
  height: count,
  width: count,
  channels: count,
  classes: Type.Array(
    Type.Object({
      value: Type.Integer(),
      train: Type.Union([Type.Integer({ minimum: 0, maximum: 254 }), Type.Null()]),
    }),
  ),
  ignore: Type.Integer({ minimum: 0, maximum: 255 }),
  /** The dates whose bands lie one after another in a sample; absent where a sample is one image. */
  stacked_periods: Type.Optional(Type.Array(Type.String(), { minItems: 2 })),
  /** Pixels of each trained class in all masks of the set, by train index; shards of other makers may lack it. */
  histogram: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  shards: Type.Array(Type.Object({ file: Type.String(), samples: Type.Integer({ minimum: 0 }) })),
});

export type DatasetJson = Static<typeof DatasetJson>;

/** Throws `FaultError` ERS_SHARD. `shownAs` is the folder's name in faults. */
export async function readDatasetJson(dir: string, shownAs: string): Promise<DatasetJson> {
  const file = `${shownAs}/dataset.json`;
  const refuse = (why: string) =>
    new FaultError({
      code: 'ERS_SHARD',
      message: `The description of the shards cannot be used: ${why}.`,
      place: { file },
      hint: remake,
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(dir, 'dataset.json'), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('it is no JSON');
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw refuse('it is not there');
    throw error;
  }
  if (Check(DatasetJson, value)) {
    const dates = value.stacked_periods?.length ?? 1;
    if (value.channels % dates === 0) return value;
    throw refuse(`${value.channels} channels are not the bands of ${dates} dates`);
  }
  const [first] = Errors(DatasetJson, value);
  throw refuse(first === undefined ? 'it is malformed' : `${first.instancePath || '/'} ${first.message}`);
}

/** Number of classes that are trained: train indices are 0…C−1. */
export function classCount(dataset: DatasetJson): number {
  return new Set(dataset.classes.flatMap(({ train }) => (train === null ? [] : [train]))).size;
}
