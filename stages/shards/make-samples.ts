import { randomAt } from '../../base/random.ts';
import { writeNpy } from '../../formats/npy.ts';
import { compose } from '../../imaging/augment/compose.ts';
import { rastersOf, type Sample, type TransformRecord } from '../../imaging/augment/transform.ts';
import { mosaic, type Quadrants } from '../../imaging/mosaic.ts';
import { recycle } from '../../imaging/pixel-pool.ts';
import { stackBands } from '../../imaging/stack.ts';
import { storedJson } from '../../base/stored-json.ts';
import { classHistogram } from './histogram.ts';
import { nameOf, type MadeSample, type SampleFile, type Source, type Task, type WorkerJob } from './job.ts';
import { keepLoaded } from './keep.ts';
import { sourceLoader } from './load.ts';
import { stepsOf } from './steps.ts';

interface Made {
  readonly sample: Sample;
  readonly transforms: readonly TransformRecord[];
}

/**
 * Makes the samples of a task: one resized version, or `copies` augmented ones. What comes out depends on the job, the source
 * and the copy's number only, never on what was made before: every random number is addressed by them.
 */
export function sampleMaker(job: WorkerJob): (task: Task) => Promise<readonly MadeSample[]> {
  const load = sourceLoader(job);
  const { img_size: size, channels } = job.params.image;
  const loadTraining = keepLoaded(load, job.scratch, { size, channels });
  const steps = stepsOf(job.params.augment);
  const { seed } = job.params.shards;
  const classes = job.classes.filter(({ train }) => train !== null).length;
  const packed = (number: number, source: Source, copy: number, made: Made): MadeSample => ({
    files: filesOf(number, source, copy, made),
    histogram: classHistogram(made.sample.mask.pixels, classes),
  });

  const augmented = async (source: Source, own: Sample, copy: number): Promise<Made> => {
    const randomFor = (name: string, ...date: readonly number[]) =>
      randomAt('shards', seed, nameOf(source), copy, name, ...date);
    const random = randomFor('mosaic');
    if (random.next() >= job.params.mosaic.p) return compose(steps, own, randomFor);
    const draw = (): Source => job.training[random.integer(0, job.training.length - 1)] ?? source;
    const sources = [draw(), draw(), draw(), draw()] as const;
    const [a, b, c, d] = sources;
    const quadrants: Quadrants = [
      await loadTraining(a),
      await loadTraining(b),
      await loadTraining(c),
      await loadTraining(d),
    ];
    const sample = mosaic(quadrants);
    for (const quadrant of quadrants) recycleSample(quadrant);
    return { sample, transforms: [{ name: 'mosaic', quadrants: sources.map(nameOf) }] };
  };

  return async ({ source, first, copies }) => {
    if (copies === 0) return [packed(first, source, 0, { sample: await load(source), transforms: [] })];
    const own = await loadTraining(source);
    const made: MadeSample[] = [];
    for (let copy = 0; copy < copies; copy += 1) {
      const { sample, transforms } = await augmented(source, own, copy);
      made.push(packed(first + copy, source, copy, { sample, transforms }));
      recycleSample(sample, own);
    }
    recycleSample(own);
    return made;
  };
}

/** Gives the rasters of a sample back, but for those that `kept` has too. */
function recycleSample(sample: Sample, kept?: Sample): void {
  const others = new Set(kept === undefined ? [] : rastersOf(kept));
  for (const raster of rastersOf(sample)) if (!others.has(raster)) recycle(raster);
}

/** The three files of a sample. Their key is the sample's number in its set: no dot, and in order when sorted. */
function filesOf(
  number: number,
  source: Source,
  copy: number,
  { sample, transforms }: Made,
): readonly SampleFile[] {
  const key = String(number).padStart(8, '0');
  const { images, mask } = sample;
  const image = stackBands(images);
  const files = [
    {
      name: `${key}.image.npy`,
      bytes: writeNpy([image.height, image.width, image.channels], image.pixels),
    },
    {
      name: `${key}.json`,
      bytes: new TextEncoder().encode(storedJson({ ...factsOf(source), copy, transforms })),
    },
    { name: `${key}.mask.npy`, bytes: writeNpy([mask.height, mask.width], mask.pixels) },
  ];
  if (images.length > 1) recycle(image);
  return files;
}

/** Where a sample comes from, for KEY.json: one image with its period, or all that were stacked. */
function factsOf({ name, mask, images }: Source) {
  const [image] = images;
  return images.length === 1 && image !== undefined
    ? { name, mask, period: image.period, image: image.path }
    : { name, mask, period: null, images };
}
