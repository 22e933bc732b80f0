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

/** The checkpoints of those files in a folder, the one that has trained longest first. */
export function newestFirst(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name.startsWith('state-'))
    .sort(byCodeUnit)
    .reverse();
}
