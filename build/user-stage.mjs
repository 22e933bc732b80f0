import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, posix } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { stop } from 'esbuild';
import { readDefinition } from '../engine/user-stage/definition.ts';
import { sayFrame, Stacks } from '../engine/user-stage/stack.ts';
import { BuildError, sha256 } from './compile.mjs';
import { publishStage } from './publish.mjs';
import { bundleUserStage } from './user-bundle.mjs';
import { compileParams } from './validators.mjs';

/**
 * Builds a stage of the user: `node user-stage.mjs REQUEST` (engine/user-stage/build-result.ts). The file itself is
 * loaded in a thread, so that nothing it does there, be it to exit or never to end, keeps us from answering.
 *
 * @typedef {import('../engine/user-stage/build-result.ts').BuildRequest} BuildRequest
 * @typedef {import('../base/fault.ts').Fault} Fault
 */

const api = join(dirname(fileURLToPath(import.meta.url)), 'stage-api.mjs');

/** A fault of the user's file. */
class Refusal extends Error {
  /** @param {Fault[]} faults */
  constructor(...faults) {
    super(faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }
}

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
  const definition = await loadDefinition(request, files.run, maps);
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

/**
 * What the file says of itself.
 *
 * @param {BuildRequest} request
 * @param {string} bundle
 * @param {Record<string, string>} maps
 * @returns {Promise<import('../engine/user-stage/definition.ts').UserDefinition>}
 */
async function loadDefinition(request, bundle, maps) {
  const { entry, folder, limitMs } = request;
  const said = await loadInThread(join(folder, bundle), limitMs);
  const code = 'ERS_STAGE_DEFINITION';
  switch (said.type) {
    case 'read':
      if ('definition' in said.read) return said.read.definition;
      throw new Refusal(
        ...(await Promise.all(said.read.problems.map((problem) => refusal(request, problem)))).flatMap(
          ({ faults }) => faults,
        ),
      );
    case 'threw': {
      const stacks = new Stacks(
        Object.fromEntries(Object.entries(maps).map(([from, to]) => [join(folder, from), join(folder, to)])),
      );
      const [first, ...more] = stacks.frames(said.stack);
      const trail = more.map((frame) => `; called at ${sayFrame(frame)}`).join('');
      throw new Refusal({
        code,
        message: `The stage threw while it was loaded: ${said.message.replace(/\.$/, '')}${trail}.`,
        place:
          first === undefined
            ? { file: entry }
            : { file: first.file, line: first.line, column: first.column },
        hint: 'Only `run` may do work: the rest of the file is loaded to read the definition.',
      });
    }
    case 'stuck':
      throw new Refusal({
        code,
        message: 'The file waits at its top for something that never comes.',
        place: { file: entry },
        hint: 'Only `run` may do work or wait: the rest of the file is loaded to read the definition.',
      });
    case 'ended':
      throw new Refusal({
        code,
        message: `The stage ended its process (exit code ${said.code}) while it was loaded.`,
        place: { file: entry },
        hint: 'Remove process.exit() from the top of the file and of what it imports.',
      });
    default:
      throw new Refusal({
        code,
        message: `The stage was not loaded within ${limitMs / 1000} s.`,
        place: { file: entry },
        hint: 'Only `run` may do work or wait: the rest of the file is loaded to read the definition.',
      });
  }
}

/** What it prints goes nowhere; its environment is the same on every machine. */
function loadInThread(file, limitMs) {
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LANG: 'C.UTF-8', TZ: 'UTC' };
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: file,
    stdout: true,
    stderr: true,
    env,
    argv: [],
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return new Promise((done) => {
    const timer = setTimeout(() => done({ type: 'late' }), limitMs);
    worker.once('message', (message) => done(message));
    worker.once('error', (error) => done(threw(error)));
    worker.once('exit', (code) => done({ type: 'ended', code }));
    worker.once('message', () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}

async function loadHere(file) {
  // Comes only where nothing is left to wait for and nobody ended the thread.
  process.once('beforeExit', () => parentPort?.postMessage({ type: 'stuck' }));
  try {
    const exported = await import(pathToFileURL(file).href);
    parentPort?.postMessage({ type: 'read', read: readDefinition(exported) });
  } catch (error) {
    parentPort?.postMessage(threw(error));
  }
}

function threw(error) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    type: 'threw',
    message: /[.!?]$/.test(message) ? message : `${message}.`,
    stack: error?.stack ?? '',
  };
}

/**
 * A problem of the definition, at the field that it is about as far as the file's text shows it.
 *
 * @param {BuildRequest} request
 * @param {import('../engine/user-stage/definition.ts').DefinitionProblem} problem
 */
async function refusal({ root, entry }, { field, message, hint }) {
  const place = placeOf(await readFile(join(root, entry), 'utf8'), field);
  return new Refusal({
    code: 'ERS_STAGE_DEFINITION',
    message,
    place: { file: entry, ...place },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Looks for the keys of `field` one after the other, behind `defineStage(`. A file that builds its definition otherwise gives none. */
function placeOf(text, field) {
  let at = Math.max(0, text.search(/\bdefineStage\s*\(/));
  /** @type {number | undefined} */
  let found = field.length === 0 ? undefined : at;
  for (const key of field) {
    const pattern = new RegExp(
      `(?<![\\w$.])(['"\`]?)${key.replace(/[^\w]/g, '\\$&')}\\1\\s*[:(,]|\\b${key.replace(/[^\w]/g, '\\$&')}\\b`,
      'g',
    );
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) break;
    found = match.index;
    at = match.index + match[0].length;
  }
  if (found === undefined || found < 0) return {};
  const before = text.slice(0, found).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function isUnresolved(error, path) {
  return (
    error instanceof BuildError &&
    error.messages.some(({ text, location }) => location === null && text.includes(path))
  );
}

function noWorker(entry, worker, path) {
  return new Refusal({
    code: 'ERS_STAGE_DEFINITION',
    message: `\`workers\` names \`${worker}\`, but there is no ${path}.`,
    place: { file: entry },
    hint: `Workers lie beside ${basename(entry)} and end in ${extname(entry)} too.`,
  });
}

/** @returns {Fault[]} */
function buildFaults(error, entry) {
  const bug = error.messages.find(({ detail }) => detail instanceof Error);
  if (bug !== undefined) throw bug.detail;
  if (error.messages.length === 0) throw error;
  return error.messages.map(({ text, location, notes }) => {
    const hint = notes
      .map((note) => note.text)
      .filter((note) => note !== '')
      .join(' ');
    return {
      code: 'ERS_STAGE_BUILD',
      message: /[.!?]$/.test(text) ? text : `${text}.`,
      place:
        location === null
          ? { file: entry }
          : {
              file: location.file,
              line: location.line,
              // esbuild counts bytes.
              column: Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1,
            },
      ...(hint === '' ? {} : { hint }),
    };
  });
}

if (isMainThread) {
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
