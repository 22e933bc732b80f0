import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { findPackage } from './stage-bundle.mjs';

/**
 * Packages that stay in node_modules: heavy ones, which the program may load only by `import()`, and native ones.
 * Small ones (yaml, commander, …) go into the bundle, since each file that Node must find costs a start.
 */
const external = [
  '@tensorflow/*',
  'ajv',
  'esbuild',
  'ink',
  'node-api-headers',
  'react',
  'sharp',
  'tar-stream',
  'typebox',
];

/** The screen is built of Ink, an ES module that no script can `require`: it is a file of its own. */
const screen = { source: 'ui/ink/open-screen.tsx', file: 'screen.mjs' };

/**
 * The program: `cli.cjs`, in which modules behind an `import()` wait unevaluated, `screen.mjs`, which it loads when
 * there is something to draw, `child.mjs`, in which a stage runs, `user-stage.mjs`, which builds a stage of the user,
 * and `reader-worker.mjs`, a thread of `ers verify`.
 *
 * `cli.cjs` is a script since only of a script all Nodes from 20 on can keep the compiled code (bin/code-cache.js).
 *
 * @param {string} root
 * @returns {Promise<{ files: Map<string, Uint8Array>, warnings: string[] }>} file name → content
 */
export async function bundleProgram(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = new Map();
  const warnings = [];
  const entries = [
    { file: 'cli.cjs', source: 'cli/main.ts', options: script(version) },
    { file: screen.file, source: screen.source, options: { external } },
    { file: 'child.mjs', source: 'engine/attempt/child.ts', options: { external } },
    // What a stage of the user imports as `ers`, in one file: typebox is hundreds.
    { file: 'stage-api.mjs', source: 'build/api.mjs', options: { minifyWhitespace: true } },
    {
      file: 'user-stage.mjs',
      source: 'build/user-stage.mjs',
      options: await userStage(root),
    },
    { file: 'reader-worker.mjs', source: 'cache/verify/reader-worker.ts', options: { external } },
  ];
  for (const { file, source, options } of entries) {
    if (!existsSync(join(root, source))) {
      warnings.push(`warning: ${source} is missing: dist has no ${file}`);
      continue;
    }
    const { outputFiles } = await compile(root, {
      entryPoints: [source],
      // A stack trace prints the line of a throw: it must be one of ours, not all of the program.
      minifyWhitespace: false,
      ...options,
    });
    const [{ contents, text }] = outputFiles;
    files.set(
      file,
      options.format === 'cjs' ? Buffer.from(escapeRest(lazily(lendImport(text))), 'ascii') : contents,
    );
  }
  return { files, warnings };
}

/**
 * What makes a user's stage is told to it. With another of these a build has another name, so that it makes the stages anew.
 *
 * @returns {Promise<import('esbuild').BuildOptions>}
 */
async function userStage(root) {
  const packages = ['esbuild', 'typebox', 'ajv'].map(
    async (name) => `${name} ${(await findPackage(root, name)).version}`,
  );
  const text = JSON.stringify((await Promise.all(packages)).join(', '));
  return { external, define: { 'process.env.ERS_BUNDLER': text } };
}

/** @returns {import('esbuild').BuildOptions} */
function script(version) {
  return {
    format: 'cjs',
    // One byte a character, so that the launcher need not decode it.
    charset: 'ascii',
    external,
    define: { ERS_VERSION: JSON.stringify(version), 'import.meta.url': 'ERS_FILE_URL' },
    banner: {
      js: `const ERS_FILE_URL = require('node:url').pathToFileURL(__filename).href;
const ERS_LAZY = (name) => new Proxy({}, { get: (_, key) => require(name)[key] });`,
    },
    plugins: [{ name: 'screen', setup: keepScreenOut }],
  };
}

/** esbuild leaves what is not ASCII in comments and in regular expressions, where `\\u222a` means the same. */
function escapeRest(text) {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A script with kept code cannot `import()` (ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING): the launcher lends it its own. */
function lendImport(text) {
  return text.replace(/\bimport\(/g, 'ERS_IMPORT(');
}

/** Modules of Node that a run with nothing to do has no use for are loaded when something of them is. */
function lazily(text) {
  return text.replace(
    / = require\(("node:(?:child_process|zlib|worker_threads|[\w/]+\/promises)")\);/g,
    ' = ERS_LAZY($1);',
  );
}

/** @param {import('esbuild').PluginBuild} build */
function keepScreenOut({ onResolve }) {
  onResolve({ filter: /\/open-screen\.tsx$/ }, ({ kind }) =>
    kind === 'dynamic-import' ? { path: `./${screen.file}`, external: true } : undefined,
  );
}
