import { rename, writeFile } from 'node:fs/promises';
import { dirname, extname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';
import { stop } from 'esbuild';
import { BuildError, sha256 } from './compile.mjs';
import { publishStage } from './publish.mjs';
import { bundleUserStage } from './user-bundle.mjs';
import { loadDefinition, loadHere } from './user-definition.mjs';
import { buildFaults, isUnresolved, noWorker, refusal, Refusal } from './user-faults.mjs';
import { compileParams } from './validators.mjs';

/**
 * Builds a stage of the user: `node user-stage.mjs REQUEST` (engine/user-stage/build-result.ts). The file itself is
 * loaded in a thread, so that nothing it does there, be it to exit or never to end, keeps us from answering.
 *
 * @typedef {import('../engine/user-stage/build-result.ts').BuildRequest} BuildRequest
 */

const script = fileURLToPath(import.meta.url);
const api = join(dirname(script), 'stage-api.mjs');

/** @param {BuildRequest} request */
async function answer(request) {
  /** @type {import('./user-bundle.mjs').Sources} */
  const sources = new Map();
  try {
    const build = await buildUserStage(request, sources);
    return { status: 'built', build, sources: Object.fromEntries(sources) };
  } catch (error) {
    if (error instanceof Refusal) return { status: 'failed', faults: error.faults, sources: {} };
    if (!(error instanceof BuildError)) throw error;
    return { status: 'failed', faults: buildFaults(error, request.entry), sources: {} };
  }
}

/**
 * @param {BuildRequest} request
 * @param {import('./user-bundle.mjs').Sources} sources
 * @returns {Promise<import('../engine/user-stage/build-result.ts').UserBuild>}
 */
async function buildUserStage(request, sources) {
  const { root, entry, ers, folder } = request;
  /** @type {Record<string, string>} bundle → map */
  const maps = {};
  /** @type {Record<string, import('../base/digest.ts').Digest>} */
  const bundles = {};
  /** @type {Record<string, string>} part → bundle */
  const files = {};
  /** @type {Record<string, import('../base/digest.ts').Digest>} */
  const modules = {};
  /** @type {Record<string, string>} */
  const packages = {};
  const add = async (part, path) => {
    const bundle = await bundleUserStage(root, path, api, sources);
    files[part] = await keep(folder, bundle.text, 'mjs');
    maps[files[part]] = await keep(folder, withoutOurs(bundle.map ?? '{}'), 'map');
    bundles[part] = bundle.digest;
    Object.assign(modules, bundle.modules);
    Object.assign(packages, bundle.packages);
  };
  await add('run', entry);
  const definition = await loadDefinition(request, files.run, maps, script);
  for (const worker of definition.workers) {
    const path = posix.join(posix.dirname(entry), `${worker}${extname(entry)}`);
    await add(worker, path).catch((error) => {
      throw isUnresolved(error, path) ? noWorker(entry, worker, path) : error;
    });
  }
  const validator = await compileParams(ers, definition.params, entry).catch(async (error) => {
    if (!(error instanceof BuildError)) throw error;
    throw await refusal(request, {
      field: ['params'],
      message: `\`params\` is no schema: ${error.message.replace(`${entry}: `, '')}.`,
    });
  });
  const { run, ...workers } = files;
  return {
    stage: {
      does: definition.does,
      deps: definition.deps,
      missing: definition.missing,
      outs: definition.outs,
      params: Object.keys(definition.params.properties),
      runtime: null,
      bundle: run,
      workers,
      code: { bundles, modules: sorted(modules), packages: sorted(packages) },
    },
    maps,
    // The build of ers puts it in.
    bundler: process.env.ERS_BUNDLER ?? '',
    validator: await keep(folder, Buffer.from(validator).toString(), 'mjs'),
  };
}

/** Writes a file that is named by its content, unless it is there. */
async function keep(folder, text, suffix) {
  const name = `${sha256(text)}.${suffix}`;
  await publishStage(join(folder, name), Buffer.from(text));
  return name;
}

/** A source map in which what ers itself put in has no path. */
function withoutOurs(text) {
  const map = JSON.parse(text);
  return JSON.stringify({
    ...map,
    sources: map.sources.map((source) => (/(^|\/)ers:/.test(source) ? 'ers' : source)),
  });
}

/**
 * @template Value
 * @param {Record<string, Value>} record
 * @returns {Record<string, Value>}
 */
function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (isMainThread) {
  // Whoever asked is gone: nobody waits for an answer.
  process.stdin.resume().once('end', () => process.exit(1));
  /** @type {BuildRequest} */
  const request = JSON.parse(process.argv[2] ?? '{}');
  const text = JSON.stringify(await answer(request));
  await stop();
  await writeFile(`${request.result}.tmp`, text);
  await rename(`${request.result}.tmp`, request.result);
  process.exit(0);
} else {
  await loadHere(workerData);
}
