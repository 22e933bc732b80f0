import { byCodeUnit } from '../../base/canonical.ts';

interface Standing {
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps of it that are done. */
  readonly step: number;
}

/** A checkpoint is named by where training stands, so that names sort in the order of training. */
export function fileAt({ epoch, step }: Standing): string {
  const digits = (count: number) => String(count).padStart(8, '0');
  return `state-${digits(epoch)}-${digits(step)}.safetensors`;
}

/** The file with which a training goes on, of those in a folder; undefined: it begins. */
export function newestOf(names: readonly string[]): string | undefined {
  return names
    .filter((name) => name.startsWith('state-'))
    .sort(byCodeUnit)
    .at(-1);
}

/** Where a training that finds these files goes on, for a message: `epoch 3, step 12`. */
export function sayStanding(names: readonly string[]): string | undefined {
  const [, epoch, step] = /^state-(\d+)-(\d+)\./.exec(newestOf(names) ?? '') ?? [];
  return epoch === undefined ? undefined : `epoch ${Number(epoch)}, step ${Number(step) + 1}`;
}
