import type { Worker } from 'node:worker_threads';
import type { Static, TObject } from 'typebox';
import type { Json } from '../base/canonical.ts';
import type { Fault, Result } from '../base/fault.ts';

/**
 * What the author of a stage imports; a leaf of the engine, free of Node's heavy modules and of npm packages at run time.
 *
 * A stage is a folder: `definition.ts` (this object, light) and `run.ts` (exports `run`, heavy, loaded only in the
 * child process). Workers of a stage lie beside them as `NAME-worker.ts`.
 */
export interface StageDefinition<
  Params extends TObject = TObject,
  Deps extends DepNeeds = DepNeeds,
  Outs extends OutKinds = OutKinds,
> {
  readonly name: string;
  /** One sentence for `ers dag` and the docs. */
  readonly does: string;
  /** Schema of the declared params: an object whose members are groups (or dotted keys) of config.yaml. */
  readonly params: Params;
  /** Names of inputs. An optional one may resolve to null in the config and is then absent. */
  readonly deps: Deps;
  /** Input → what to tell a user whose config names something for it that is not there. */
  readonly missing?: Readonly<Record<string, string>>;
  /** Input → word that a config may give for it in the place of a path → the file on a hub that it stands for. */
  readonly remote?: Readonly<Record<string, Readonly<Record<string, RemoteChoice>>>>;
  readonly outs: Outs;
  /** Native runtime that must be installed before the stage starts; its major.minor is part of the key. */
  readonly runtime?: 'tensorflow';
  /** Worker modules of this folder, without the suffix: `['augment-worker']`. Each is bundled and is part of the key. */
  readonly workers?: readonly string[];
  /**
   * What a schema cannot say of the params, such as shares that must sum to 1; called once the schema is satisfied, before
   * anything runs. Pure, and the export `check` of the stage's `check.ts`, which reaches no npm package: the build puts it
   * beside the compiled schemas.
   */
  check?(params: Static<Params>, around: Around): readonly ParamFault[];
}

/** What a check may ask beside the params of its stage. */
export interface Around {
  /** Who states a param: the config's file, or an option or a matrix, which replace what stands there; undefined: it is a default. */
  readonly statedBy: (path: ParamPath) => 'config' | 'other' | undefined;
  /**
   * The value of a param (dotted) that a built-in stage above reads, for what must fit together without being part of this stage's
   * key; undefined where there is no such stage, several differ, or a program between may have made something else of it.
   */
  readonly above: (stage: string, param: string) => Json | undefined;
}

/**
 * Looks at the inputs of a stage that may run, before anything runs: the export `inspect` of the stage's `inspect.ts`, a bundle of
 * its own that is loaded only then. `inputs` has the absolute paths of those that lie on the disk already, not of outs of other
 * stages or files of a hub. Reads little, and what it cannot read is no fault of its own: `run` tells that too.
 */
export type Inspect<Definition extends StageDefinition> = (what: {
  readonly params: Static<Definition['params']>;
  readonly inputs: Readonly<Partial<Record<keyof Definition['deps'], string>>>;
  readonly above: Around['above'];
  readonly once: Once;
}) => Promise<readonly Fault[]>;

/**
 * Looks but once where several stages of one kind in a plan, such as members of a matrix, ask the same question, which names all
 * that the answer depends on.
 */
export type Once = (question: Json, look: () => Promise<readonly Fault[]>) => Promise<readonly Fault[]>;

/**
 * Where a stage with these params that finds such a `checkpoint` folder goes on, as it follows after "goes on from its
 * checkpoint, "; undefined: it begins anew. An export of its `inspect.ts`.
 */
export type SayStanding<Params = never> = (checkpoint: string, params: Params) => Promise<string | undefined>;

/** Input name → whether the config may leave it null. */
export type DepNeeds = Readonly<Record<string, 'required' | 'optional'>>;

/** A file at one revision of a repository on a hub: it never changes, so its content is known by these three. */
export interface RemoteFile {
  /** `smp-hub/resnet34.imagenet` */
  readonly repo: string;
  /** The commit's 40 hex digits. */
  readonly revision: string;
  readonly file: string;
  /** Of its bytes; null: the digest that the hub states for this revision is checked instead. */
  readonly sha256: string | null;
}

/** One file for each value of a param. */
export interface RemoteChoice {
  /** Dotted key of the param: `model.encoder_name`. */
  readonly by: string;
  readonly files: Readonly<Record<string, RemoteFile>>;
}

export type OutKinds = Readonly<Record<string, 'file' | 'folder'>>;

/** Paths of the inputs that a definition declares; an optional one may be missing. */
export type DepPaths<Deps extends DepNeeds> = {
  readonly [Name in keyof Deps as Deps[Name] extends 'required' ? Name : never]: string;
} & {
  readonly [Name in keyof Deps as Deps[Name] extends 'required' ? never : Name]?: string;
};

/** Paths of the outs that a definition declares. */
export type OutPaths<Outs extends OutKinds> = { readonly [Name in keyof Outs]: string };

/** Steps within the params: keys, and indices of lists from 0. */
export type ParamPath = readonly (string | number)[];

/** A fault of the params; the engine finds its place in config.yaml. */
export interface ParamFault extends Omit<Fault, 'place' | 'also' | 'about'> {
  readonly path: ParamPath;
  /** What it clashes with. */
  readonly other?: ParamPath;
  /** Nothing reads the param here. A fault only if every stage that takes it from the same place says so. */
  readonly unread?: true;
}

/** Checks the definition's type and hands it back, so that `Params` and the names of inputs and outs are inferred. */
export function defineStage<
  const Params extends TObject,
  const Deps extends DepNeeds,
  const Outs extends OutKinds,
>(definition: StageDefinition<Params, Deps, Outs>): StageDefinition<Params, Deps, Outs> {
  return definition;
}

/** Everything a running stage may see and touch. Paths are absolute and lie inside the attempt's folder. */
export interface StageContext<
  Params,
  Deps = Readonly<Record<string, string>>,
  Outs = Readonly<Record<string, string>>,
> {
  readonly params: Params;
  /** Input name → `deps/NAME`. An optional dep that the config leaves null is missing here. */
  readonly deps: Deps;
  /** Out name → where to write it. A folder out exists already and is empty; a file's parent folder exists. */
  readonly outs: Outs;
  /** Survives a killed attempt: the next attempt with the same key finds here what this one left. */
  readonly checkpoint: string;
  /** Seconds that may pass before the stage saves there again; 0: as often as it can. Must not influence any byte of an out. */
  readonly checkpointEvery: number;
  /**
   * For what is to look at and no result: curves, profiles. May hold times; is no part of an out. Not there until the
   * stage makes it. Attempts with the same key are given the same folder; what lies in it must not influence an out.
   */
  readonly logs: string;
  readonly tmp: string;
  /** How many threads the stage may keep busy. Must not influence any byte of an out. */
  readonly cores: number;
  /** Folder of the native runtime, present when the definition names one. */
  readonly runtime?: string;
  /** Aborted when the engine asks to stop: save to `checkpoint` and return `stopped`. */
  readonly signal: AbortSignal;
  /** Sends an event to the engine: progress, training steps, notes. */
  readonly emit: (event: StageEvent) => void;
  /** Starts a declared worker's bundle. The stage ends it. */
  readonly startWorker: (name: string, workerData: unknown) => Worker;
}

/** What a run hands back beside its outs. */
export type StageReport =
  | {
      readonly status: 'done';
      /**
       * Of a built-in stage: facts of the exact runtime that were others than the engine had set up, for the record. A training
       * goes on with the number of threads that it was begun with.
       */
      readonly runtime?: Readonly<Record<string, string | number>>;
    }
  /** The run obeyed `signal`; its checkpoint lets the next attempt go on. */
  | { readonly status: 'stopped' };

export type StageRun<Definition extends StageDefinition> = (
  context: StageContext<
    Static<Definition['params']>,
    DepPaths<Definition['deps']>,
    OutPaths<Definition['outs']>
  >,
) => Promise<Result<StageReport>>;

/** What a stage may say while it runs. Never stored in an out: rates and times differ between runs. */
export type StageEvent =
  /** `done` of `total` items; the reader derives rate and time left from its own clock. */
  | {
      readonly type: 'progress';
      readonly label: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
    }
  /** One training step. `step` counts within the epoch, both from 1. Rate in images a second, stall as a share 0…1. */
  | {
      readonly type: 'step';
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
      readonly stall: number;
      /** Bytes that the process holds now, and at most so far. */
      readonly memory?: number;
      readonly peakMemory?: number;
    }
  /** End of an epoch with its validation. IoU is micro-imagewise, 0…1. */
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly trainLoss: number;
      readonly valLoss: number;
      readonly valIou: number;
      readonly bestValIou: number;
      readonly bestEpoch: number;
      /** Closed by an earlier attempt and told again for the curve of a resumed training. */
      readonly past?: true;
    }
  /**
   * How many seconds a stop takes the stage, which else is ended by force 4 s after `signal` was aborted. Counts from the stop, or
   * from this word if it comes later; the newest word counts, up to five minutes after the stop. `doing`: it has been asked to
   * stop, and this is what it is at, such as `saving where it stands`.
   */
  | { readonly type: 'grace'; readonly seconds: number; readonly doing?: string }
  /**
   * All code that the stage will run is loaded, that of its workers too: npm packages that change from now on have no part in its
   * result. A stage that never says so fails where they changed while it ran.
   */
  | { readonly type: 'loaded' }
  /** Named results to show when the stage is done. */
  | { readonly type: 'metrics'; readonly values: Readonly<Record<string, number>> }
  /** A sentence for the user. A warning is shown again at the end of the run. */
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly text: string };
