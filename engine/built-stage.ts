import type { Digest } from '../base/digest.ts';
import type { RemoteChoice } from './stage.ts';

/** One stage of `dist/…/stages.json`, written by the build from `stages/NAME/definition.ts` and the bundles. */
export interface BuiltStage {
  readonly name: string;
  readonly does: string;
  readonly deps: Readonly<Record<string, 'required' | 'optional'>>;
  /** Input → what to tell where nothing is at its path. */
  readonly missing?: Readonly<Record<string, string>>;
  /** Input → word → the file on a hub that it stands for. */
  readonly remote?: Readonly<Record<string, Readonly<Record<string, RemoteChoice>>>>;
  readonly outs: Readonly<Record<string, 'file' | 'folder'>>;
  /** Top-level or dotted config keys that the stage's schema knows. */
  readonly params: readonly string[];
  readonly runtime: 'tensorflow' | null;
  /** Its `inspect.ts` lies beside the program as `inspect-NAME.mjs`. */
  readonly inspects?: true;
  /** Bundle of run.ts, relative to dist/: `stages/scan.DIGEST.mjs`; of a stage of the user absolute, as its workers' are. */
  readonly bundle: string;
  readonly workers: Readonly<Record<string, string>>;
  readonly code: BuiltCode;
  /** Of a stage of the user: where a place in a bundle stands in the user's files. */
  readonly user?: UserSources;
}

export type UserSources = {
  /** The user's file as messages name it. */
  readonly file: string;
  /** Folder of pipeline.yaml as messages name it. */
  readonly folder: string;
  /** Bundle → its source map, absolute. */
  readonly maps: Readonly<Record<string, string>>;
};

/** What the code of a stage is, for its key and for `why`. */
interface BuiltCode {
  /** Bundle name (`run`, or a worker's name) → digest of the bundle. */
  readonly bundles: Readonly<Record<string, Digest>>;
  /** Source module → digest of its own text as bundled, so that `why` can name what changed. Not part of the key. */
  readonly modules: Readonly<Record<string, Digest>>;
  /** npm package → version, for every package reached. */
  readonly packages: Readonly<Record<string, string>>;
}
