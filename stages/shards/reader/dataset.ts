import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Check } from 'typebox/value';
import { FaultError } from '../../../base/fault.ts';
import { parseNpyHeader } from '../../../formats/npy.ts';
import type { Batch } from '../../../nn/trainer/trainer.ts';
import { classCount, readDatasetJson, type DatasetJson } from './dataset-json.ts';
import { LabelCheck } from './label-check.ts';
import { remake } from './remake.ts';
import { indexTar, type Member } from '../../../formats/tar-index.ts';

/** The shards of one set, open for reading samples in any order. */
export interface Dataset {
  readonly info: DatasetJson;
  readonly classes: number;
  /** Keys of the samples, in the order of the shards. */
  readonly keys: readonly string[];
  /** Reads samples by their place in `keys`. All reads are under way when this returns its promise. */
  read(samples: readonly number[]): Promise<Batch>;
  /** Where a sample comes from, by its place in `keys`. */
  source(sample: number): Promise<SampleSource>;
  close(): Promise<void>;
}

interface SampleSource {
  readonly key: string;
  /** Name of the mask. */
  readonly name: string;
  readonly period: string | null;
  /** Paths of what its pixels come from, relative to the dataset: one, or one a date of a stack. */
  readonly images: readonly string[];
  /** Of a mosaic what its quadrants were made of, as name/period. */
  readonly quadrants?: readonly string[];
}

interface Sample {
  readonly key: string;
  readonly file: FileHandle;
  readonly shard: string;
  readonly image: Member;
  readonly mask: Member;
  readonly facts: Member;
}

/** Throws `FaultError`: ERS_SHARD, ERS_DATASET_EMPTY. */
export async function openDataset(dir: string, shownAs: string): Promise<Dataset> {
  const info = await readDatasetJson(dir, shownAs);
  const files: FileHandle[] = [];
  const close = async () => {
    for (const file of files) await file.close();
  };
  try {
    const samples: Sample[] = [];
    for (const shard of info.shards) {
      const file = await open(join(dir, shard.file), 'r');
      files.push(file);
      samples.push(
        ...pair(file, `${shownAs}/${shard.file}`, await indexTar(file, `${shownAs}/${shard.file}`)),
      );
    }
    checkCount(info, samples.length, shownAs);
    const labels = new LabelCheck(info);
    return {
      info,
      classes: classCount(info),
      keys: samples.map((sample) => sample.key),
      read: (places) =>
        readBatch(
          info,
          labels,
          places.map((place) => at(samples, place)),
        ),
      source: (place) => readSource(at(samples, place)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Joins KEY.image.npy, KEY.mask.npy and KEY.json. */
function pair(file: FileHandle, shard: string, members: readonly Member[]): Sample[] {
  const byName = new Map(members.map((member) => [member.name, member]));
  return members.flatMap((image) => {
    if (!image.name.endsWith('.image.npy')) return [];
    const key = image.name.slice(0, -'.image.npy'.length);
    const mask = byName.get(`${key}.mask.npy`);
    const facts = byName.get(`${key}.json`);
    if (mask !== undefined && facts !== undefined) return [{ key, file, shard, image, mask, facts }];
    const message = `Sample ${key} has an image but no ${mask === undefined ? 'mask' : 'description'}.`;
    throw new FaultError({ code: 'ERS_SHARD', message, place: { file: shard }, hint: remake });
  });
}

function checkCount(info: DatasetJson, found: number, shownAs: string): void {
  const place = { file: `${shownAs}/dataset.json` };
  if (found !== info.samples) {
    const message = `The shards hold ${found} samples; expected ${info.samples}.`;
    throw new FaultError({ code: 'ERS_SHARD', message, place, hint: remake });
  }
  if (found === 0) {
    throw new FaultError({
      code: 'ERS_DATASET_EMPTY',
      message: `The ${info.set} set holds no samples.`,
      place,
      hint: 'Give it a larger share in `split:`, or add imagery.',
    });
  }
}

async function readBatch(info: DatasetJson, labels: LabelCheck, samples: readonly Sample[]): Promise<Batch> {
  const { height, width, channels } = info;
  const pixels = height * width;
  const images = new Uint8Array(samples.length * pixels * channels);
  const masks = new Uint8Array(samples.length * pixels);
  await Promise.all(
    samples.flatMap((sample, index) => {
      const image = images.subarray(index * pixels * channels, (index + 1) * pixels * channels);
      const mask = masks.subarray(index * pixels, (index + 1) * pixels);
      return [
        readArray(sample, sample.image, [height, width, channels], image),
        readArray(sample, sample.mask, [height, width], mask).then(() => labels.check(sample, mask)),
      ];
    }),
  );
  return { n: samples.length, images, masks };
}

/** Reads the data of a uint8 array to where they belong, so that no thread but the one that reads touches them. */
async function readArray(
  { file, shard }: Sample,
  member: Member,
  shape: readonly number[],
  into: Uint8Array,
): Promise<void> {
  const shownAs = `${shard}:${member.name}`;
  const before = member.size - into.length;
  // With less than the shortest header before it the data cannot be that long: the header tells how long they are.
  const header = Buffer.allocUnsafe(before < 10 ? Math.min(member.size, 128) : before);
  const { bytesRead } = await file.readv([header, into], member.offset);
  const length = Math.min(bytesRead, member.size);
  const parsed = parseNpyHeader(header.subarray(0, length), length, shownAs);
  if (!parsed.ok) throw new FaultError(...parsed.faults);
  const { dtype, shape: found } = parsed.value;
  if (dtype !== 'uint8' || found.join('×') !== shape.join('×')) {
    const message = `The array is ${found.join('×')} ${dtype}; expected ${shape.join('×')} uint8.`;
    throw new FaultError({ code: 'ERS_SHARD', message, place: { file: shownAs }, hint: remake });
  }
}

const Facts = Type.Object({
  name: Type.String(),
  period: Type.Union([Type.String(), Type.Null()]),
  image: Type.Optional(Type.String()),
  images: Type.Optional(Type.Array(Type.Object({ path: Type.String() }))),
  transforms: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), quadrants: Type.Optional(Type.Array(Type.String())) })),
  ),
});

async function readSource({ key, file, shard, facts }: Sample): Promise<SampleSource> {
  const bytes = Buffer.alloc(facts.size);
  await file.read(bytes, 0, facts.size, facts.offset);
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (Check(Facts, value)) {
    const { name, period, image, images = image === undefined ? [] : [{ path: image }] } = value;
    const mosaic = value.transforms?.find(({ quadrants }) => quadrants !== undefined);
    return {
      ...{ key, name, period: period === '' ? null : period, images: images.map(({ path }) => path) },
      ...(mosaic?.quadrants === undefined ? {} : { quadrants: mosaic.quadrants }),
    };
  }
  const message = `The description of sample ${key} has no name or no period.`;
  throw new FaultError({
    code: 'ERS_SHARD',
    message,
    place: { file: `${shard}:${facts.name}` },
    hint: remake,
  });
}

function at(samples: readonly Sample[], place: number): Sample {
  const sample = samples[place];
  if (sample === undefined) throw new Error(`Internal error: no sample ${place} of ${samples.length}`);
  return sample;
}
