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
 * @param {import('esbuild').BuildOptions} options other than those of a built-in stage. With `sourcemap: 'external'` the
 *   result holds `map`. What a plugin loads from the namespace `ers` is not listed in `modules`.
 * @returns {Promise<StageBundle & { map?: string }>}
 */
export async function bundleStage(root, entry, options = { packages: 'external' }) {
  const result = await compile(root, { entryPoints: [entry], outdir: 'out', ...options });
  const file = result.outputFiles.find(({ path }) => path.endsWith('.js'));
  const map = result.outputFiles.find(({ path }) => path.endsWith('.map'));
  const output = Object.values(result.metafile.outputs).find((found) => found.entryPoint !== undefined);
  if (file === undefined || output === undefined) throw new Error(`Internal error: no bundle of ${entry}`);
  const reached = Object.keys(output.inputs).filter(
    (path) => output.inputs[path].bytesInOutput > 0 && !path.startsWith('ers:'),
  );
  return {
    text: file.text,
    digest: sha256(file.contents),
    modules: await entries(reached, (path) => digestModule(root, path, options.tsconfigRaw)),
    packages: await entries(packagesOf(output), async (name) => (await findPackage(root, name)).version),
    ...(map === undefined ? {} : { map: map.text }),
  };
}

/** @param {import('esbuild').Metafile['outputs'][string]} output */
function packagesOf(output) {
  const names = output.imports
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) => packageOf(path));
  return [...new Set(names)];
}

/**
 * `@scope/name/sub/path` → `@scope/name`.
 *
 * @param {string} path
 */
export function packageOf(path) {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Digest of a source as esbuild leaves it, alone.
 *
 * @param {string} root
 * @param {string} path
 * @param {import('esbuild').TransformOptions['tsconfigRaw']} tsconfigRaw
 */
async function digestModule(root, path, tsconfigRaw = common.tsconfigRaw) {
  const source = await readFile(join(root, path), 'utf8');
  const { target, charset, minifyWhitespace, legalComments, jsx } = common;
  const loader = /** @type {import('esbuild').Loader} */ (extname(path).slice(1).replace(/^[mc]/, ''));
  if (!['js', 'jsx', 'ts', 'tsx'].includes(loader)) return sha256(source);
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

/**
 * Looks where Node would look: in `node_modules` of the project's folder and of the folders above it.
 *
 * @param {string} root
 * @param {string} name
 * @returns {Promise<{ version: string, file: string, missed: string[] }>} its version, its package.json, and where there was none
 */
export async function findPackage(root, name) {
  const missed = [];
  for (let folder = root; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    try {
      return { version: JSON.parse(await readFile(file, 'utf8')).version, file, missed };
    } catch (error) {
      if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error;
      missed.push(file);
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
