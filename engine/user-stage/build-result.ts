import type { Digest } from '../../base/digest.ts';
import type { Fault } from '../../base/fault.ts';
import type { BuiltStage } from '../built-stage.ts';

/** What `user-stage.mjs` is asked, as the JSON of its only argument. */
export interface BuildRequest {
  /** Folder of pipeline.yaml, absolute. */
  readonly root: string;
  /** The user's file, relative to `root`. */
  readonly entry: string;
  /** Folder of ers itself, absolute. */
  readonly ers: string;
  /** Existing folder into which bundles go, absolute. */
  readonly folder: string;
  /** Where to write the answer. */
  readonly result: string;
  /** How long the file may take to be loaded, ms. */
  readonly limitMs: number;
}

/** A built stage of the user. All its files lie in the request's `folder` and are named without it. */
export interface UserBuild {
  readonly stage: Omit<BuiltStage, 'name' | 'user'>;
  /** Bundle → its source map. */
  readonly maps: Readonly<Record<string, string>>;
  /** Versions of the packages that made it; they are part of a build's name. */
  readonly bundler: string;
  /** Module whose export `params` validates the params. */
  readonly validator: string;
}

/** The answer. Places of faults are relative to `root`. */
export type BuildResult = {
  /** What decided the result: path relative to `root` → sha256, or null for a file whose absence did. */
  readonly sources: Readonly<Record<string, Digest | null>>;
} & (
  | { readonly status: 'built'; readonly build: UserBuild }
  | { readonly status: 'failed'; readonly faults: readonly Fault[] }
);
