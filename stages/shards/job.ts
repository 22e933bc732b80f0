import type { Fault } from '../../base/fault.ts';
import type { ShardsParams } from './steps.ts';

/** A mask with one of its images, or with all of them: what a sample is made from. Paths are relative to the dataset. */
export interface Source {
  readonly name: string;
  readonly mask: string;
  /** One a date; more than one are stacked. */
  readonly images: readonly { readonly period: string; readonly path: string }[];
}

/** `NAME/PERIOD`, or `NAME` where several dates are stacked: no two sources of a dataset share it. */
export function nameOf({ name, images }: Source): string {
  const [image] = images;
  return images.length === 1 && image !== undefined ? `${name}/${image.period}` : name;
}

/** What every worker knows from its start. */
export interface WorkerJob {
  /** Absolute path of the dataset's folder. */
  readonly dataset: string;
  /** Absolute path of a folder for scratch files. */
  readonly scratch: string;
  readonly params: ShardsParams;
  readonly classes: readonly { readonly value: number; readonly train: number | null }[];
  readonly ignore: number;
  /** What mosaics are made from: the whole training set, in its order. */
  readonly training: readonly Source[];
}

/** A request: make the samples of one source. `first` is the number of its first sample within the set. */
export interface Task {
  readonly source: Source;
  readonly first: number;
  /** 0: only resized (validation and test). Otherwise how many augmented versions. */
  readonly copies: number;
}

/** A file of a shard. Its bytes are moved between threads, not copied. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A sample as its files, and how many pixels of its mask each trained class has (`classHistogram`). */
export interface MadeSample {
  readonly files: readonly SampleFile[];
  readonly histogram: readonly number[];
}

/** Made samples, or why not. */
export type Answer =
  | { readonly ok: true; readonly samples: readonly MadeSample[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };
