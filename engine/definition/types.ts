import type { Json } from '../../base/canonical.ts';
import type { Place } from '../../base/fault.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Located } from './located.ts';
import type { RemoteFile } from '../stage.ts';

/** Only names of stages in a validated pipeline. */
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
  /** Seconds after which a stage that can go on later saves where it stands; 0: as often as it can. */
  readonly checkpoint: number;
  /** Never runs: the last result stands, whatever changed. */
  readonly frozen: boolean;
  /** Runs each time. Not together with `frozen`. */
  readonly always: boolean;
  /** Which of its results `ers gc` keeps beside those that are in use; null: those used last, as its cap has it. */
  readonly keep: Keep | null;
  /** Slots that it holds while it runs: `mem` in bytes, all others (`gpu`, a licence) counted. */
  readonly resources: Readonly<Record<string, number>>;
}

/** A stage, or a member of a matrix, with all that it declares resolved. */
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
  /** The config as the stage sees it, for the places of what it finds wrong itself. */
  readonly config?: Located;
}

/** What a matrix made a stage of. */
interface Member {
  /** The stage as pipeline.yaml names it: `train`. */
  readonly of: string;
  /** Config key → the member's value. */
  readonly axes: Readonly<Record<string, Json>>;
}

/** What makes the outs of a stage. */
export type Program =
  /** A built-in stage, from the build's manifest, or one of the user. */
  | { readonly type: 'uses'; readonly definition: BuiltStage }
  /** Any program: an argument vector, or a line for /bin/sh with placeholders already checked. */
  | { readonly type: 'command'; readonly template: readonly string[] | string };

/** Where an input comes from: a path, a file of a hub, or an out of a stage above. */
export type Dep =
  | { readonly type: 'path'; readonly path: string; readonly place: Place }
  | {
      readonly type: 'remote';
      /** As the config names it: `imagenet`. */
      readonly word: string;
      readonly file: RemoteFile;
      readonly place: Place;
    }
  | {
      readonly type: 'out';
      readonly stage: StageName;
      readonly out: string;
      /** A path inside a folder out. */
      readonly sub?: string;
      readonly place: Place;
    };

/** A declared out; `any` of a command is whatever it makes. */
export interface Out {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'any';
  readonly place: Place;
}
