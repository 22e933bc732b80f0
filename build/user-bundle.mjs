import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, join, posix, relative, resolve } from 'node:path';
import { transform } from 'esbuild';
import { common, sha256 } from './compile.mjs';
import { bundleStage, findPackage, packageOf } from './stage-bundle.mjs';

/** What can be part of a stage's code. Anything else a stage reads as a declared input. */
const loaders = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
};

/** Suffixes that esbuild tries where an import names none. */
const guessed = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];

/** Marks our own question to the resolver, which must not come back to us. */
const asked = Symbol('asked');

/**
 * What a bundle was made of: path relative to the project → sha256 of its content, or null where a file that is not
 * there would have changed the bundle by being there.
 *
 * @typedef {Map<string, import('../base/digest.ts').Digest | null>} Sources
 */

/**
 * Bundles a file of the user as a built-in stage is bundled. Its own modules go inside, those of linked packages
 * too; npm packages stay outside and must be installed; `ers` goes inside.
 *
 * @param {string} root folder of pipeline.yaml
 * @param {string} entry path relative to `root`
 * @param {string} api file that `ers` stands for
 * @param {Sources} sources what is read is added
 * @throws {import('./compile.mjs').BuildError} when it cannot be bundled
 */
export async function bundleUserStage(root, entry, api, sources) {
  const own = new Map();
  const bundle = await bundleStage(root, entry, {
    plugins: [userImports(root, api, sources, own)],
    sourcemap: 'external',
    sourcesContent: false,
    // As TypeScript does unless told otherwise: an import that only types use is none.
    tsconfigRaw: { compilerOptions: { target: 'es2023' } },
    // What the bundler cannot follow would be missing from the key.
    logOverride: {
      'unsupported-dynamic-import': 'error',
      'unsupported-require-call': 'error',
      'indirect-require': 'error',
    },
  });
  return { ...bundle, modules: { ...bundle.modules, ...Object.fromEntries(own) } };
}

/** @returns {import('esbuild').Plugin} */
function userImports(root, api, sources, own) {
  const shown = (path) => relative(root, path).split('\\').join('/');
  const absent = (path) => {
    if (!sources.has(shown(path))) sources.set(shown(path), null);
  };
  const noteText = async (path) => {
    const text = await readFile(path);
    sources.set(shown(path), sha256(text));
    return text;
  };
  return {
    name: 'user-imports',
    setup(build) {
      build.onResolve({ filter: /^ers$/ }, () => ({ path: 'api', namespace: 'ers', sideEffects: false }));
      build.onLoad({ filter: /.*/, namespace: 'ers' }, async () => {
        const contents = await readFile(api);
        own.set('ers', sha256(contents));
        return { contents, loader: 'js' };
      });
      build.onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === asked) return undefined;
        if (kind === 'entry-point') {
          await noteFolders(resolve(root, path));
          return undefined;
        }
        const problem = refusal(path, kind);
        if (problem !== undefined) return { errors: [problem] };
        const isOwn = /^\.{1,2}(\/|$)/.test(path);
        const outside = isOwn ? undefined : await external(path);
        if (outside !== undefined) return outside;
        const found = await build.resolve(path, { resolveDir, kind, importer, pluginData: asked });
        if (found.errors.length > 0)
          return { errors: found.errors.map(({ text, notes }) => ({ text, notes })) };
        if (!(extname(found.path) in loaders)) return { errors: [asset(path)] };
        if (isOwn) noteGuesses(resolve(resolveDir, path), found.path);
        await noteFolders(found.path);
        return undefined;
      });
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        const contents = await noteText(path).catch((error) => {
          if (error.code === undefined) throw error;
          return error.code;
        });
        if (typeof contents === 'string')
          return { errors: [{ text: `The file cannot be read (${contents})` }] };
        const loader = loaders[extname(path)];
        if (loader === undefined) return { errors: [asset(path)] };
        const errors = await findImportMeta(contents.toString(), loader, shown(path));
        return errors.length > 0 ? { errors } : { contents, loader };
      });
    },
  };

  /**
   * Undefined for a package that is a link to a folder of the user: nothing tells by a version what is in it, so that it is
   * bundled as the user's own modules are.
   *
   * @param {string} path
   */
  async function external(path) {
    if (isBuiltin(path)) return { path, external: true };
    try {
      const found = await findPackage(root, packageOf(path));
      found.missed.filter((file) => !shown(file).startsWith('../..')).forEach(absent);
      await noteText(found.file);
      if (!(await realpath(found.file)).includes('/node_modules/')) return undefined;
      return { path, external: true, sideEffects: true };
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      return {
        errors: [
          {
            text: `The package \`${packageOf(path)}\` is not installed`,
            notes: [{ text: `Install it beside pipeline.yaml: npm install ${packageOf(path)}` }],
          },
        ],
      };
    }
  }

  /** Of an import that names no file exactly: the files that would have been taken instead. */
  function noteGuesses(named, found) {
    if (named === found) return;
    const bare = named.replace(/\.[mc]?jsx?$/, '');
    const guesses = [
      named,
      ...guessed.map((suffix) => `${named}${suffix}`),
      ...['.ts', '.tsx', '.mts', '.cts'].map((suffix) => `${bare}${suffix}`),
      join(named, 'package.json'),
      ...guessed.map((suffix) => join(named, `index${suffix}`)),
    ];
    // One that lies there already comes after the one found: esbuild saw both.
    for (const guess of guesses) if (!existsSync(guess)) absent(guess);
  }

  /** The nearest package.json says how a `.js` file is read and whether its import has an effect. */
  async function noteFolders(file) {
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      const path = join(folder, 'package.json');
      const known = sources.get(shown(path));
      try {
        if (known === undefined) await noteText(path);
        if (known !== null) return;
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
        absent(path);
      }
      if (folder === root || folder === dirname(folder)) return;
    }
  }
}

/** What an import may not be, whatever lies there. */
function refusal(path, kind) {
  const say = (text, hint) => ({ text, notes: [{ text: hint }] });
  if (path.startsWith('ers/')) return say(`ers has no \`${path}\``, 'Import from `ers` alone.');
  if (path.startsWith('/') || /^(file|https?|data):/.test(path)) {
    return say(`\`${path}\` is the same file on no other machine`, 'Write a path that begins with ./ or ../');
  }
  if (path.startsWith('#'))
    return say(`\`${path}\` is an alias of package.json`, 'Write a path that begins with ./ or ../');
  if (kind === 'require-call' && !path.startsWith('.')) {
    return say(`\`require\` finds no package in a stage's bundle`, `Write import … from '${path}'.`);
  }
  return undefined;
}

function asset(path) {
  return {
    text: `\`${posix.basename(path)}\` cannot be part of a stage's code`,
    notes: [{ text: 'Declare it as an input (deps) and read it from context.deps.' }],
  };
}

/** The bundle lies elsewhere than its sources: `import.meta.url` would name a file that is not in the key. */
async function findImportMeta(contents, loader, file) {
  if (!contents.includes('import.meta')) return [];
  try {
    await transform(contents, {
      ...transformOptions,
      loader,
      sourcefile: file,
      format: 'cjs',
      logOverride: { 'empty-import-meta': 'error' },
    });
    return [];
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    return error.errors
      .filter(({ id }) => id === 'empty-import-meta')
      .map(({ location }) => ({
        text: "`import.meta` has no meaning in a stage's bundle",
        location,
        notes: [{ text: 'Read files from context.deps, and start workers by context.startWorker().' }],
      }));
  }
}

/** @type {import('esbuild').TransformOptions} */
const transformOptions = { target: common.target, logLevel: 'silent', jsx: common.jsx };
