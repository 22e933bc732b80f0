import type { Worker } from 'node:worker_threads';
import { settle } from '../../base/fault.ts';
import type { StageRun } from '../../engine/stage.ts';
import { readSplit, SET_NAMES, type SetName, type SplitManifest } from '../split/manifest.ts';
import type { definition } from './definition.ts';
import { inOrder } from './in-order.ts';
import type { MadeSample, Source, Task, WorkerJob } from './job.ts';
import { sourcesOf, stackedPeriods } from './sources.ts';
import { sayUnlabelled } from './unlabelled.ts';
import { writeSet } from './write-set.ts';

/** Least time between two progress events, in milliseconds. */
const quiet = 100;

/**
 * Packs each set into shards. A sample is one image with its mask, or all images of a mask stacked; for training `copies`
 * augmented versions of it follow each other, for validation and test it is resized only. Every picture is stretched to
 * img_size × img_size, as in the recipe.
 */
export const run: StageRun<typeof definition> = async (context) => {
  const { params, deps } = context;
  const split = await readSplit(need(deps, 'split'), 'split.json');
  if (!split.ok) return split;

  const { periods } = params.image;
  const stacked = stackedPeriods(split.value, periods);
  const found = sourcesOf(split.value, stacked);
  if (!found.ok) return found;
  const sources = found.value;
  if (periods === 'stack' && stacked === null) {
    const text = '`image.periods: stack` changes nothing here: each mask has one image.';
    context.emit({ type: 'note', level: 'warning', text });
  }
  const job: WorkerJob = {
    dataset: need(deps, 'dataset'),
    scratch: context.tmp,
    params,
    classes: split.value.classes,
    ignore: split.value.ignore,
    training: sources.train,
  };
  const most = Math.max(...SET_NAMES.map((set) => sources[set].length));
  const workers = Array.from({ length: Math.max(1, Math.min(context.cores, most)) }, () =>
    context.startWorker('augment-worker', job),
  );
  try {
    return await settle(async () => {
      for (const set of SET_NAMES) {
        const whole = await packSet(context, split.value, set, sources[set], workers);
        if (!whole) return { status: 'stopped' };
      }
      return { status: 'done' };
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
};

/** False where the run was stopped. */
async function packSet(
  context: Parameters<typeof run>[0],
  split: SplitManifest,
  set: SetName,
  sources: readonly Source[],
  workers: readonly Worker[],
): Promise<boolean> {
  const { image, shards } = context.params;
  const copies = set === 'train' ? shards.copies : 0;
  const each = Math.max(1, copies);
  const tasks: Task[] = sources.map((source, index) => ({ source, first: index * each, copies }));
  const total = sources.length * each;
  let last = -Infinity;
  const unlabelled: number[] = [];
  const onSample = (done: number, { histogram }: MadeSample): void => {
    // Of copies some may well show ignored ground only; what counts is that a score is of something.
    if (set !== 'train' && histogram.every((pixels) => pixels === 0)) unlabelled.push(done - 1);
    const now = performance.now();
    if (now - last < quiet && done < total) return;
    last = now;
    context.emit({ type: 'progress', label: set, done, total, unit: 'samples' });
  };
  const whole = await writeSet(
    need(context.outs, set),
    {
      set,
      samples: total,
      size: image.img_size,
      bands: image.channels,
      stacked: stackedPeriods(split, image.periods),
      samplesPerShard: shards.samples_per_shard,
      split,
    },
    inOrder(workers, tasks, context.signal),
    onSample,
  );
  const text = sayUnlabelled(set, image.img_size, sources, unlabelled);
  if (whole && text !== undefined) context.emit({ type: 'note', level: 'warning', text });
  return whole;
}

function need<Paths extends object>(paths: Paths, name: keyof Paths & string): string {
  const path = (paths as Readonly<Record<string, string | undefined>>)[name];
  if (path === undefined) throw new Error(`Internal error: no path for ${name}`);
  return path;
}
