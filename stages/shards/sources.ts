import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { gather } from '../scan/gather.ts';
import { SET_NAMES, type SetName, type SplitManifest } from '../split/manifest.ts';
import type { Source } from './job.ts';
import type { ShardsParams } from './steps.ts';

/** The dates that are stacked in a sample, in their order; null: a sample is one image. */
export function stackedPeriods(
  { periods }: SplitManifest,
  asked: ShardsParams['image']['periods'],
): readonly string[] | null {
  return asked === 'stack' && periods.length > 1 ? periods : null;
}

/**
 * What the samples of each set are made from, in the split's order: each mask once with each of its images, or, stacked, once
 * with all of them in the order of the dates. Faults: ERS_MASK_WITHOUT_IMAGE where a mask to be stacked lacks a date.
 */
export function sourcesOf(
  split: SplitManifest,
  stacked: readonly string[] | null,
): Result<Readonly<Record<SetName, readonly Source[]>>> {
  const of = (set: SetName): readonly Source[] =>
    split.samples
      .filter((sample) => sample.set === set)
      .flatMap(({ name, mask, images }): readonly Source[] =>
        stacked === null
          ? images.map((image) => ({ name, mask, images: [image] }))
          : [
              {
                name,
                mask,
                images: stacked.flatMap((date) => images.filter(({ period }) => period === date)),
              },
            ],
      );
  const sources = { train: of('train'), val: of('val'), test: of('test') };
  const all = SET_NAMES.flatMap((set) => sources[set]);
  const faults = stacked === null ? [] : all.flatMap((source) => sayGap(source, stacked));
  return faults.length === 0 ? ok(sources) : fail(...gather(faults));
}

/** A date that is not there, or there twice, would put the bands of another one in its place. */
function sayGap({ mask, images }: Source, stacked: readonly string[]): readonly Fault[] {
  const wrong = stacked.filter((date) => images.filter(({ period }) => period === date).length !== 1);
  if (wrong.length === 0) return [];
  const dates = wrong.map((date) => `period ${date}`).join(' and ');
  return [
    {
      code: 'ERS_MASK_WITHOUT_IMAGE',
      message: `The mask has not exactly one image of ${dates}; to be stacked it needs one of each of ${stacked.join(', ')}.`,
      place: { file: mask },
      hint: 'Add the image and scan again, take the mask out of the dataset, or set `image.periods` to separate.',
    },
  ];
}
