import type { Json } from '../../base/canonical.ts';
import type { Digest } from '../../base/digest.ts';
import type { Place } from '../../base/fault.ts';

export type StageName = string & { readonly __brand: 'StageName' };

/** A validated pipeline: nothing after this checks YAML again. */
export interface Pipeline {
  /** Folder of pipeline.yaml, absolute; every relative path in it starts here. */
  readonly root: string;
  /** Where the store lies, absolute. */
  readonly store: string;
  readonly stages: ReadonlyMap<StageName, Stage>;
  /** Topological order, ties in the order of the file. */
  readonly order: readonly StageName[];
  /** What a plain `ers run` makes. */
  readonly default: readonly StageName[];
  /** Capacities that the pipeline states for the slots that `resources` ask for: `mem` in bytes, others counted. */
  readonly slots: Readonly<Record<string, number>>;
}

/** `all`: every one; `last`: the newest; `none`: none. What is current, pinned, of an experiment or of a live run stays always. */
export type Keep = 'all' | 'last' | 'none';

/** How a stage is run and kept. Nothing of it is part of the key. */
export interface Handling {
  /** How often the stage is started again after it failed, 0 to 10. */
  readonly retries: number;
  /** Seconds after which an attempt is ended, above 0; null: never. */
  readonly timeout: number | null;
  /** Never runs: the last result stands, whatever changed. */
  readonly frozen: boolean;
  /** Runs each time. Not together with `frozen`. */
  readonly always: boolean;
  /** Which of its results `ers gc` keeps beside those that are in use; null: those used last, as its cap has it. */
  readonly keep: Keep | null;
  /** Slots that it holds while it runs: `mem` in bytes, all others (`gpu`, a licence) counted. */
  readonly resources: Readonly<Record<string, number>>;
}

export interface Stage extends Handling {
  /** Of a member of a matrix `train@lr-0.001`. */
  readonly name: StageName;
  readonly member?: Member;
  readonly program: Program;
  /** Declared config values, resolved, with the schema's defaults filled in: dotted key → value. */
  readonly params: Readonly<Record<string, Json>>;
  /** Where it lies below `deps/` → the input. All members of a matrix read as one folder are `models/lr-0.001`, … */
  readonly deps: Readonly<Record<string, Dep>>;
  /** Out name → relative POSIX path below the stage's own folder, without a trailing slash, and what it must be. */
  readonly outs: Readonly<Record<string, Out>>;
  /** Declared environment values that are part of the key. */
  readonly env: readonly string[];
  /** Names of outs whose numbers are shown and recorded. */
  readonly metrics: readonly string[];
  readonly place: Place;
}

/** What a matrix made a stage of. */
interface Member {
  /** The stage as pipeline.yaml names it: `train`. */
  readonly of: string;
  /** Config key → the member's value. */
  readonly axes: Readonly<Record<string, Json>>;
}

export type Program =
  /** A built-in stage, from the build's manifest. */
  | { readonly type: 'uses'; readonly definition: BuiltStage }
  /** Any program: an argument vector, or a line for /bin/sh with placeholders already checked. */
  | { readonly type: 'command'; readonly template: readonly string[] | string };

export type Dep =
  | { readonly type: 'path'; readonly path: string; readonly place: Place }
  | {
      readonly type: 'out';
      readonly stage: StageName;
      readonly out: string;
      /** A path inside a folder out. */
      readonly sub?: string;
      readonly place: Place;
    };

export interface Out {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'any';
}

/** One stage of `dist/…/stages.json`, written by the build from `stages/NAME/definition.ts` and the bundles. */
export interface BuiltStage {
  readonly name: string;
  readonly does: string;
  readonly deps: Readonly<Record<string, 'required' | 'optional'>>;
  /** Input → what to tell where nothing is at its path. */
  readonly missing?: Readonly<Record<string, string>>;
  readonly outs: Readonly<Record<string, 'file' | 'folder'>>;
  /** Top-level or dotted config keys that the stage's schema knows. */
  readonly params: readonly string[];
  readonly runtime: 'tensorflow' | null;
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
