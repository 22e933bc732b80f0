import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { transform } from 'esbuild';
import { common, compile, sha256 } from './compile.mjs';

/**
 * One bundle of a stage: `run.ts` or a worker, with everything of ours that it reaches inside and npm packages outside.
 *
 * @typedef {object} StageBundle
 * @property {string} text
 * @property {import('../base/digest.ts').Digest} digest sha256 of `text`
 * @property {Record<string, import('../base/digest.ts').Digest>} modules source path → digest of its own text without types, comments and layout
 * @property {Record<string, string>} packages npm package → version
 */

/**
 * @param {string} root
 * @param {string} entry path relative to `root`
 * @returns {Promise<StageBundle>}
 */
export async function bundleStage(root, entry) {
  const result = await compile(root, { entryPoints: [entry], packages: 'external', outdir: 'out' });
  const [file] = result.outputFiles;
  const [output] = Object.values(result.metafile.outputs);
  const reached = Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0);
  return {
    text: file.text,
    digest: sha256(file.contents),
    modules: await entries(reached, (path) => digestModule(root, path)),
    packages: await entries(packagesOf(output), (name) => versionOf(root, name)),
  };
}

/** @param {import('esbuild').Metafile['outputs'][string]} output */
function packagesOf(output) {
  const names = output.imports
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) =>
      path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)];
}

/** Digest of a source as esbuild leaves it, alone. */
async function digestModule(root, path) {
  const source = await readFile(join(root, path), 'utf8');
  const { target, charset, minifyWhitespace, legalComments, jsx, tsconfigRaw } = common;
  const loader = /** @type {import('esbuild').Loader} */ (extname(path).slice(1).replace(/^[mc]/, ''));
  const { code } = await transform(source, {
    target,
    charset,
    minifyWhitespace,
    legalComments,
    jsx,
    tsconfigRaw,
    loader,
  });
  return sha256(code);
}

/** Looks where Node would look: in `node_modules` of the project's folder and of the folders above it. */
async function versionOf(root, name) {
  for (let folder = root; ; folder = dirname(folder)) {
    try {
      return JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
    } catch (error) {
      if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error;
    }
  }
}

/**
 * @template Value
 * @param {readonly string[]} keys
 * @param {(key: string) => Promise<Value>} value
 * @returns {Promise<Record<string, Value>>}
 */
async function entries(keys, value) {
  return Object.fromEntries(await Promise.all([...keys].sort().map(async (key) => [key, await value(key)])));
}
