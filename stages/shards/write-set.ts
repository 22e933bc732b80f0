import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError } from '../../base/fault.ts';
import { writeTar } from '../../formats/tar.ts';
import type { SetName, SplitManifest } from '../split/manifest.ts';
import { storedJson } from '../../base/stored-json.ts';
import type { Answer, MadeSample, SampleFile } from './job.ts';

/** What a set's `dataset.json` says beside its shards. */
export interface SetFacts {
  readonly set: SetName;
  readonly samples: number;
  readonly size: number;
  /** Of one image. */
  readonly bands: number;
  /** The dates of a sample, where its bands are those of several images; null: a sample is one image. */
  readonly stacked: readonly string[] | null;
  readonly samplesPerShard: number;
  readonly split: SplitManifest;
}

/**
 * Writes the shards of a set and then its `dataset.json`. A shard has its name only when it is whole. Which samples a shard
 * holds depends on their order alone. `onSample` is called with each as it is written, in order. Throws `FaultError`; returns
 * false when the answers ended early (the run was stopped).
 */
export async function writeSet(
  folder: string,
  facts: SetFacts,
  answers: AsyncGenerator<Answer, void, undefined>,
  onSample: (done: number, sample: MadeSample) => void,
): Promise<boolean> {
  const samples = samplesOf(answers);
  const shards: { file: string; samples: number }[] = [];
  const histogram = facts.split.classes.flatMap(({ train }) => (train === null ? [] : [0]));
  let done = 0;
  while (done < facts.samples) {
    const before = done;
    const count = Math.min(facts.samplesPerShard, facts.samples - done);
    const file = `shard-${String(shards.length).padStart(5, '0')}.tar`;
    const draft = join(folder, `${file}.part`);
    const take = async function* (): AsyncGenerator<SampleFile, void, undefined> {
      for (let taken = 0; taken < count; taken += 1) {
        const next = await samples.next();
        if (next.done === true) return;
        yield* next.value.files;
        next.value.histogram.forEach(
          (pixels, index) => (histogram[index] = (histogram[index] ?? 0) + pixels),
        );
        done += 1;
        onSample(done, next.value);
      }
    };
    try {
      await writeTar(draft, take());
      if (done < before + count) return false;
      await rename(draft, join(folder, file));
    } finally {
      await rm(draft, { force: true });
    }
    shards.push({ file, samples: count });
  }
  await writeFile(join(folder, 'dataset.json'), storedJson(datasetOf(facts, histogram, shards)));
  return true;
}

function datasetOf(
  { set, samples, size, bands, stacked, split }: SetFacts,
  histogram: readonly number[],
  shards: readonly { file: string; samples: number }[],
) {
  const { classes, ignore, periods } = split;
  return {
    version: 1,
    set,
    samples,
    height: size,
    width: size,
    channels: bands * (stacked?.length ?? 1),
    ...(stacked === null ? {} : { stacked_periods: stacked }),
    classes,
    ignore,
    histogram,
    periods,
    shards,
  };
}

async function* samplesOf(
  answers: AsyncGenerator<Answer, void, undefined>,
): AsyncGenerator<MadeSample, void, undefined> {
  for await (const answer of answers) {
    if (!answer.ok) throw new FaultError(...answer.faults);
    yield* answer.samples;
  }
}
