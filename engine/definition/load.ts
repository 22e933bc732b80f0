import { dirname, resolve } from 'node:path';
import { fail, ok } from '../../base/fault.ts';
import type { Fault, Result } from '../../base/fault.ts';
import { distinctFaults } from '../../base/distinct-faults.ts';
import { loadBuilt } from './built.ts';
import type { Built } from './built.ts';
import { checkOverridden } from './axes.ts';
import { configBeside } from './config-file.ts';
import { asMapping } from './located.ts';
import type { Located } from './located.ts';
import { override, unknownOverride } from './overrides.ts';
import { readableFaults } from './plenty.ts';
import { readPipeline } from './raw-pipeline.ts';
import type { RawPipeline } from './raw-pipeline.ts';
import { sayValue } from '../../base/say-value.ts';
import { parseYaml } from './parse-yaml.ts';
import { readYaml } from './read-yaml.ts';
import { readStages } from './read-stages.ts';
import type { Pipeline } from './types.ts';
import { withUserStages } from './user-stages.ts';

/** Which files to read, and how. */
export interface LoadOptions {
  /** pipeline.yaml, relative to the working folder. Messages name it as it is written here. */
  readonly file: string;
  /** Another config than the one that the pipeline names, relative to the working folder. */
  readonly config?: string;
  /** What the config is to hold, instead of what it does: nothing of the file is read. */
  readonly configText?: string;
  /** `a.b=value`, in order. */
  readonly set: readonly string[];
  /** Absolute path of `dist/`. */
  readonly dist: string;
  /** The build whose stages to use: the one that the program itself belongs to. Without it, the current one. */
  readonly build?: string;
  /** Where ERS_STORE is looked up; the process's environment unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads pipeline.yaml and its config into a `Pipeline` on which nothing is left to check but the disk. All faults of
 * both files come together, in the order of the files and lines.
 */
export async function loadPipeline(options: LoadOptions): Promise<Result<Pipeline>> {
  const loaded = await loadPipelines(options, [options.set]);
  if (!loaded.ok) return loaded;
  const [pipeline] = loaded.value;
  if (pipeline === undefined) throw new Error('Internal error: no pipeline and no fault');
  return ok(pipeline);
}

/**
 * `loadPipeline` for several lists of overrides: a pipeline each, from one reading of the files. All faults of all of them
 * come together, each once.
 */
export async function loadPipelines(
  options: Omit<LoadOptions, 'set'>,
  sets: readonly (readonly string[])[],
): Promise<Result<readonly Pipeline[]>> {
  const root = resolve(dirname(options.file));
  const parsed = readYaml(options.file, options.file, {
    missing: `There is no ${options.file}.`,
    hint: 'Run npx ers in the folder that holds pipeline.yaml.',
  });
  if (!parsed.ok) return fail(...readableFaults(parsed.faults));
  const ours = await loadBuilt(options.dist, options.build);
  const raw = readPipeline(parsed.value, ours.validatePipeline);
  const faults: Fault[] = [...raw.faults];
  const uses = raw.stages.flatMap((stage) => stage.uses ?? []);
  const where = { root, folder: dirname(options.file), dist: options.dist };
  const built = await withUserStages(ours, uses, where, faults);
  const config = asConfig(readConfig(options, raw, parsed.value));
  if (!config.ok) faults.push(...config.faults);
  const results = sets.map((set) => resolvePipeline(raw, built, config, set, faults));
  if (faults.length > 0) return fail(...toldFaults(faults, options.file));
  const env = options.env ?? process.env;
  const stored = env['ERS_STORE'];
  const store =
    stored === undefined || stored === '' ? resolve(root, raw.store?.text ?? '.ers') : resolve(stored);
  return ok(results.map((result) => ({ root, store, ...result })));
}

/** The pipeline that the two files and a list of overrides mean, without its place on the disk. */
export function resolvePipeline(
  raw: RawPipeline,
  built: Built,
  config: Result<Located>,
  set: readonly string[],
  faults: Fault[],
): Omit<Pipeline, 'root' | 'store'> {
  if (!config.ok) return readStages(raw, built, undefined, faults);
  const file = config.value;
  // A key that only an option names is right if a stage's schema knows it or its group: the schema then speaks of it.
  const checked = raw.stages.filter(({ uses }) => uses !== undefined).flatMap(({ params }) => params);
  const isKnown = (key: string) => checked.some(({ text }) => key === text || key.startsWith(`${text}.`));
  const { tree, added, keys, faults: wrong } = override(file, set, isKnown);
  faults.push(...wrong);
  checkOverridden(keys, raw.stages, faults);
  const result = readStages(raw, built, tree, faults);
  for (const { path, option } of added) {
    if (!isKnown(path.join('.'))) faults.push(unknownOverride(file, path, option));
  }
  return result;
}

function readConfig(
  options: Pick<LoadOptions, 'file' | 'config' | 'configText'>,
  raw: RawPipeline,
  pipeline: Located,
): Result<Located> {
  const { config, configText } = options;
  if (configText !== undefined) {
    return parseYaml(configText, config ?? configBeside(options.file, raw.config?.text ?? ''));
  }
  if (config !== undefined) {
    return readYaml(config, config, {
      missing: `There is no ${options.config}.`,
      hint: 'Give --config the path of a config file.',
    });
  }
  if (raw.config === undefined) return ok({ place: pipeline.place, content: new Map() });
  const file = configBeside(options.file, raw.config.text);
  return readYaml(file, file, {
    missing: `There is no ${file}, which the pipeline names as its config.`,
    hint: 'Write it, or give another one with --config.',
    asked: raw.config.place,
  });
}

/** An empty file is a config without keys. */
export function asConfig(read: Result<Located>): Result<Located> {
  if (!read.ok || asMapping(read.value) !== undefined) return read;
  const { content, place } = read.value;
  if (content === null) return ok({ place, content: new Map() });
  const message = `Expected keys with values, got ${sayValue(content)}.`;
  return fail({ code: 'ERS_SCHEMA', message, place, hint: 'A config is lines like `train: { seed: 17 }`.' });
}

/** A key that only an option on the command line names and nobody knows is a wrong use of ers. */
function asUsage(fault: Fault): Fault {
  const isKey = fault.code === 'ERS_UNKNOWN_KEY' || fault.code === 'ERS_UNUSED_KEY';
  return isKey && fault.place?.file.startsWith('-S ') === true ? { ...fault, code: 'ERS_USAGE' } : fault;
}

/** The faults of a definition as they are told; `first` is the name of its pipeline.yaml. */
export function toldFaults(faults: readonly Fault[], first: string): readonly Fault[] {
  return readableFaults(inOrder(faults.map(asUsage), first));
}

/** Pipeline first, then config, each from top to bottom; a fault that two stages met is told once. */
function inOrder(faults: readonly Fault[], first: string): readonly Fault[] {
  const files = [...new Set([first, ...faults.map((fault) => fault.place?.file)])];
  return [...distinctFaults(faults)].sort(
    (a, b) =>
      files.indexOf(a.place?.file) - files.indexOf(b.place?.file) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}
