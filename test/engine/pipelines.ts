import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../../base/canonical.ts';
import type { Dep, Handling, Out, Pipeline, Stage, StageName } from '../../engine/definition/types.ts';
import type { EngineEvent, StageOutcome } from '../../engine/events.ts';
import { openProject, run, type Project, type RunRequest } from '../../engine/index.ts';
import type { RuntimeProvider } from '../../engine/runtime-provider.ts';

export { tempFolder } from '../temp-folder.ts';

/** A stage in a test's own short form: a dep is a path, or `stage:out`. */
export interface Sketch extends Partial<Handling> {
  readonly cmd?: string | readonly string[];
  readonly program?: Stage['program'];
  readonly deps?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, Json>>;
  /** A path that ends in `/` is a folder. */
  readonly outs: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
  readonly metrics?: readonly string[];
}

/** A built-in stage whose code is nowhere. */
export function builtIn(name: string): Extract<Stage['program'], { readonly type: 'uses' }> {
  const code = { bundles: {}, modules: {}, packages: {} };
  const definition = { name, does: '', deps: {}, outs: {}, params: [], runtime: null };
  return { type: 'uses', definition: { ...definition, bundle: '', workers: {}, code } };
}

/** A validated pipeline from sketches, which must be in topological order. */
export function pipelineOf(
  root: string,
  sketches: Readonly<Record<string, Sketch>>,
  options: {
    readonly targets?: readonly string[];
    readonly store?: string;
    readonly slots?: Pipeline['slots'];
  } = {},
): Pipeline {
  const place = { file: 'pipeline.yaml', line: 1 };
  const order = Object.keys(sketches) as StageName[];
  const depOf = (text: string): Dep => {
    const [stage = '', rest = ''] = text.split(':');
    if (!order.includes(stage as StageName) || rest === '') return { type: 'path', path: text, place };
    const [out = '', ...sub] = rest.split('/');
    const edge = { type: 'out' as const, stage: stage as StageName, out, place };
    return sub.length === 0 ? edge : { ...edge, sub: sub.join('/') };
  };
  const outOf = (path: string): Out =>
    path.endsWith('/') ? { path: path.slice(0, -1), kind: 'folder', place } : { path, kind: 'file', place };
  const map = <T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
  const stages = new Map(
    Object.entries(sketches).map(([name, sketch]): [StageName, Stage] => [
      name as StageName,
      {
        name: name as StageName,
        program: sketch.program ?? { type: 'command', template: sketch.cmd ?? 'true' },
        params: sketch.params ?? {},
        deps: map(sketch.deps ?? {}, depOf),
        outs: map(sketch.outs, outOf),
        env: sketch.env ?? [],
        metrics: sketch.metrics ?? [],
        retries: sketch.retries ?? 0,
        timeout: sketch.timeout ?? null,
        checkpoint: 600,
        frozen: sketch.frozen ?? false,
        always: sketch.always ?? false,
        keep: sketch.keep ?? null,
        resources: sketch.resources ?? {},
        place,
      },
    ]),
  );
  const last = order.at(-1);
  return {
    root,
    store: options.store ?? join(root, '.ers'),
    stages,
    order,
    default: (options.targets as readonly StageName[] | undefined) ?? (last === undefined ? [] : [last]),
    slots: options.slots ?? {},
  };
}

export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export interface OpenOptions {
  readonly dist?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly runtimes?: Readonly<Record<string, RuntimeProvider>>;
  readonly strictRuntime?: boolean;
}

export function open(pipeline: Pipeline, options: OpenOptions = {}): Project {
  const project = openProject(pipeline, {
    dist: options.dist ?? join(pipeline.root, 'no-dist'),
    runtimes: options.runtimes ?? {},
    env: options.env ?? { PATH: process.env['PATH'] },
    now: () => Date.now(),
    strictRuntime: options.strictRuntime ?? false,
    ers: '0.0.0',
    commandLine: (...words) => `npx ers ${words.join(' ')}`,
  });
  if (!project.ok) throw new Error(JSON.stringify(project.faults));
  return project.value;
}

export interface Ran {
  readonly code: number;
  readonly events: readonly EngineEvent[];
  readonly outcomes: Readonly<Record<string, StageOutcome>>;
  /** `scan made`, `split cached` … in the order in which they ended. */
  readonly story: readonly string[];
}

export interface RunOptions extends OpenOptions, Partial<RunRequest> {
  readonly signal?: AbortSignal;
  readonly jobs?: number;
  readonly onEvent?: (event: EngineEvent) => void;
}

/** Opens the pipeline anew, as each `ers run` does, and runs it. */
export async function runOnce(pipeline: Pipeline, options: RunOptions = {}): Promise<Ran> {
  const events: EngineEvent[] = [];
  const code = await run(
    open(pipeline, options),
    {
      targets: options.targets ?? [],
      force: options.force ?? false,
      only: options.only ?? false,
      keepGoing: options.keepGoing ?? false,
      noWait: options.noWait ?? false,
    },
    {
      emit: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
      signal: options.signal ?? new AbortController().signal,
      jobs: options.jobs ?? 2,
      cores: 1,
    },
  );
  const finished = events.flatMap((event) => (event.type === 'stage-finished' ? [event] : []));
  return {
    code,
    events,
    outcomes: Object.fromEntries(finished.map(({ stage, outcome }) => [stage, outcome])),
    story: finished.map(({ stage, outcome }) => `${stage} ${outcome.type}`),
  };
}

export const names = (...stages: readonly string[]): readonly StageName[] => stages as readonly StageName[];
