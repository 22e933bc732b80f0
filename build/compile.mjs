import { createHash } from 'node:crypto';
import { build } from 'esbuild';

/** A fault of the sources, with a text that names file, line and column. */
export class BuildError extends Error {
  /**
   * @param {string} text
   * @param {readonly import('esbuild').Message[]} messages what esbuild said, where it was esbuild
   */
  constructor(text, messages = []) {
    super(text);
    this.messages = messages;
  }
}

/** The first error often causes the rest. */
const maxErrors = 8;

/**
 * Options of every bundle. Whitespace and comments go, so that only what runs decides the bytes of a stage; names
 * stay readable in stack traces. The TypeScript settings are stated here because tsconfig.json, whose path and
 * content esbuild would otherwise look for, must not change a digest.
 *
 * @satisfies {import('esbuild').BuildOptions}
 */
export const common = /** @type {const} */ ({
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'utf8',
  minifyWhitespace: true,
  legalComments: 'none',
  jsx: 'automatic',
  // esbuild names CommonJS modules by their path: a linked node_modules must not bring another folder's path in.
  preserveSymlinks: true,
  tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true } },
  logLevel: 'silent',
});

/**
 * Runs esbuild with the project's folder as the place from which all paths are told.
 *
 * @param {string} root
 * @param {import('esbuild').BuildOptions} options
 * @returns {Promise<import('esbuild').BuildResult<{ write: false, metafile: true }>>}
 * @throws {BuildError} when the sources do not compile
 */
export async function compile(root, options) {
  try {
    return await build({ ...common, absWorkingDir: root, ...options, write: false, metafile: true });
  } catch (error) {
    if (!Array.isArray(error.errors) || error.errors.length === 0) throw error;
    const shown = error.errors.slice(0, maxErrors).map(sayError);
    const more = error.errors.length - shown.length;
    throw new BuildError(
      [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
      error.errors.slice(0, maxErrors),
    );
  }
}

/** @param {import('esbuild').Message} message */
function sayError({ text, location }) {
  if (location === null) return `error: ${text}`;
  const before = location.lineText.slice(0, location.column).replace(/[^\t]/g, ' ');
  return `${location.file}:${location.line}:${location.column + 1} ${text}\n  ${location.lineText}\n  ${before}^`;
}

/**
 * @param {string | Uint8Array} content
 * @returns {import('../base/digest.ts').Digest}
 */
export function sha256(content) {
  const hex = createHash('sha256').update(content).digest('hex');
  return /** @type {import('../base/digest.ts').Digest} */ (hex);
}
