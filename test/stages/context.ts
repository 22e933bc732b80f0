import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { Static, TObject } from 'typebox';
import { sha256 } from '../../base/digest.ts';
import type {
  DepNeeds,
  DepPaths,
  OutKinds,
  OutPaths,
  StageContext,
  StageDefinition,
  StageEvent,
} from '../../engine/stage.ts';

/** A stage's attempt without an engine: temp folders for its outs, and a list of what it said. */
interface StageTrial<Params extends TObject, Deps extends DepNeeds, Outs extends OutKinds> {
  readonly context: StageContext<Static<Params>, DepPaths<Deps>, OutPaths<Outs>>;
  /** Every event so far, in order. */
  readonly events: readonly StageEvent[];
  /** Out name → absolute path. */
  readonly outs: Readonly<Record<string, string>>;
  /** The folder that holds all of it. */
  readonly folder: string;
  /** Asks the stage to stop, as Ctrl-C does. */
  stop(): void;
  /** Removes the temp folder; call it in `afterEach`. */
  remove(): void;
}

/** The trial of a definition: `TrialOf<typeof definition>`. */
export type TrialOf<Definition> =
  Definition extends StageDefinition<infer Params, infer Deps, infer Outs>
    ? StageTrial<Params, Deps, Outs>
    : never;

export interface TrialOptions<Params extends TObject, Deps extends DepNeeds, Outs extends OutKinds> {
  readonly definition: StageDefinition<Params, Deps, Outs>;
  readonly params: Static<Params>;
  /** Input name → absolute path. */
  readonly deps?: Readonly<Record<string, string>>;
  /** 2 unless told. */
  readonly cores?: number;
  readonly runtime?: string;
  /** Folder of an earlier trial's checkpoint, to resume from it. */
  readonly checkpoint?: string;
  /** Where it writes what passes; must lie on the file system of `checkpoint`. */
  readonly tmp?: string;
  /** Seconds between two savings; 600 unless told. */
  readonly checkpointEvery?: number;
  /** Folder of an earlier trial's logs. */
  readonly logs?: string;
  /** Sees each event when it is emitted, e.g. to stop after some step. */
  readonly onEvent?: (event: StageEvent) => void;
}

/** Builds what the engine would hand to a stage's `run`. An out's file name is its out name. */
export function stageContext<
  const Params extends TObject,
  const Deps extends DepNeeds,
  const Outs extends OutKinds,
>(options: TrialOptions<Params, Deps, Outs>): StageTrial<Params, Deps, Outs> {
  const folder = mkdtempSync(join(tmpdir(), `ers-${options.definition.name}-`));
  const paths: Record<string, string> = {};
  for (const [name, kind] of Object.entries(options.definition.outs)) {
    const path = join(folder, 'outs', name);
    mkdirSync(kind === 'folder' ? path : dirname(path), { recursive: true });
    paths[name] = path;
  }
  const checkpoint = options.checkpoint ?? join(folder, 'checkpoint');
  const tmp = options.tmp ?? join(folder, 'tmp');
  mkdirSync(checkpoint, { recursive: true });
  mkdirSync(tmp, { recursive: true });
  const events: StageEvent[] = [];
  const abort = new AbortController();
  const context: StageTrial<Params, Deps, Outs>['context'] = {
    params: options.params,
    // Some tests leave out what their stage must miss.
    deps: (options.deps ?? {}) as DepPaths<Deps>,
    outs: paths as OutPaths<Outs>,
    checkpoint,
    checkpointEvery: options.checkpointEvery ?? 600,
    logs: options.logs ?? join(folder, 'logs'),
    tmp,
    cores: options.cores ?? 2,
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    signal: abort.signal,
    emit: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    startWorker: (name, workerData) =>
      new Worker(bundleWorker(options.definition.name, name), { workerData }),
  };
  return {
    context,
    events,
    outs: paths,
    folder,
    stop: () => abort.abort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const root = projectAbove(import.meta.dirname);

/** A test may bundle this file into a script of its own, which lies elsewhere in the project. */
function projectAbove(folder: string): string {
  return existsSync(join(folder, 'tsconfig.json')) ? folder : projectAbove(dirname(folder));
}

/** Path below stages/ → its bundle, made once a process. */
const bundles = new Map<string, string>();

/** Bundles `stages/STAGE/NAME.ts` below node_modules, so that the bundle finds the packages, which stay outside of it. */
export function bundleWorker(stage: string, name: string): string {
  const known = bundles.get(`${stage}/${name}`);
  if (known !== undefined) return known;
  const built = buildSync({
    entryPoints: [join(root, 'stages', stage, `${name}.ts`)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  });
  const bytes = built.outputFiles[0]?.contents;
  if (bytes === undefined) throw new Error(`Internal error: esbuild made no bundle of ${stage}/${name}`);
  const path = join(root, 'node_modules', '.cache', 'ers-test', `${name}.${sha256(bytes)}.mjs`);
  publish(path, bytes);
  bundles.set(`${stage}/${name}`, path);
  return path;
}

/** By rename: another test process may be making the same bundle. */
function publish(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}
