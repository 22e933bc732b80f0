import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { statSources } from '../bin/sources.js';
import { BuildError } from './compile.mjs';
import { findStages, importDefinitions } from './definitions.mjs';
import { bundleProgram } from './program.mjs';
import { publish } from './publish.mjs';
import { bundleStage } from './stage-bundle.mjs';
import { compileValidators } from './validators.mjs';

/**
 * Builds `dist/` of the project at `root` (docs/architecture.md). Equal sources give equal bytes wherever they lie.
 *
 * @param {string} root absolute
 * @returns {Promise<{ build: string, warnings: string[] }>}
 * @throws {BuildError} when the sources do not compile; `dist/` is then as it was
 */
export async function buildAll(root) {
  const sources = statSources(root);
  const dist = join(root, 'dist');
  await mkdir(dist, { recursive: true });
  const scratch = await mkdtemp(join(dist, 'building-'));
  try {
    const found = findStages(root);
    const definitions = await importDefinitions(root, found.names, scratch);
    const program = await bundleProgram(root);
    const stages = new Map();
    const described = [];
    const files = new Map(program.files);
    for (const [name, definition] of definitions) {
      const inspect = await bundleInspect(root, name);
      if (inspect !== undefined) files.set(`inspect-${name}.mjs`, inspect);
      const built = await buildStage(root, name, definition, stages);
      described.push({ ...built, ...(inspect === undefined ? {} : { inspects: true }) });
    }
    files.set('stages.json', Buffer.from(`${JSON.stringify(described, undefined, 2)}\n`));
    files.set('validators.cjs', await compileValidators(root, definitions, scratch));
    const build = await publish(dist, { stages, files, sources });
    return { build, warnings: [...found.warnings, ...program.warnings] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * The stage's `inspect.ts`, if it has one. It is no part of the stage's key: it decides what is refused, not what is made.
 *
 * @param {string} root
 * @param {string} name
 */
async function bundleInspect(root, name) {
  const entry = `stages/${name}/inspect.ts`;
  if (!existsSync(join(root, entry))) return undefined;
  return Buffer.from((await bundleStage(root, entry)).text);
}

/**
 * Bundles a stage into `files` and describes it.
 *
 * @returns {Promise<import('../engine/built-stage.ts').BuiltStage>}
 */
async function buildStage(root, name, definition, files) {
  /** @type {Record<string, import('../base/digest.ts').Digest>} */
  const bundles = {};
  /** @type {Record<string, string>} */
  const paths = {};
  /** @type {Record<string, import('../base/digest.ts').Digest>} */
  const modules = {};
  /** @type {Record<string, string>} */
  const packages = {};
  const { version: number } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version = JSON.stringify(number);
  for (const part of ['run', ...(definition.workers ?? [])]) {
    const bundle = await bundleStage(root, `stages/${name}/${part}.ts`, {
      packages: 'external',
      define: { ERS_VERSION: version },
    });
    const file = `${part === 'run' ? name : `${name}-${part}`}.${bundle.digest}.mjs`;
    files.set(file, Buffer.from(bundle.text));
    bundles[part] = bundle.digest;
    paths[part] = `stages/${file}`;
    Object.assign(modules, bundle.modules);
    Object.assign(packages, bundle.packages);
  }
  const { run, ...workers } = paths;
  return {
    name,
    does: definition.does,
    deps: definition.deps,
    ...(definition.missing === undefined ? {} : { missing: definition.missing }),
    ...(definition.remote === undefined ? {} : { remote: definition.remote }),
    outs: definition.outs,
    params: Object.keys(definition.params.properties),
    runtime: definition.runtime ?? null,
    bundle: run,
    workers,
    code: { bundles, modules: sorted(modules), packages: sorted(packages) },
  };
}

/**
 * @template Value
 * @param {Record<string, Value>} record
 * @returns {Record<string, Value>}
 */
function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a user reads of a failed build; an error that is a bug is thrown on. */
function sayFailure(error, root) {
  if (error instanceof BuildError) {
    return `${error.message}\nERS_BUILD: ers does not compile. Mend the lines above; dist/ is as it was.`;
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'].includes(error.code)) {
    return `ERS_BUILD: ers must build itself once into ${join(root, 'dist')}, which cannot be written (${error.code}). Run any ers command there as its owner, or install ers where you may write.`;
  }
  throw error;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  try {
    const { warnings } = await buildAll(root);
    for (const warning of warnings) console.error(warning);
  } catch (error) {
    console.error(sayFailure(error, root));
    process.exitCode = 2;
  }
}
