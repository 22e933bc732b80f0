import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';

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

/** Packages in CommonJS call `require` for Node's own modules. */
const banner = {
  js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
};

/**
 * The program: `cli.mjs` with a chunk for each lazily loaded part, and `child.mjs`, in which a stage runs.
 *
 * @param {string} root
 * @returns {Promise<{ files: Map<string, Uint8Array>, warnings: string[] }>} file name → content
 */
export async function bundleProgram(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = new Map();
  const warnings = [];
  const entries = [
    { name: 'cli', source: 'cli/main.ts', splitting: true },
    { name: 'child', source: 'engine/attempt/child.ts', splitting: false },
  ];
  for (const { name, source, splitting } of entries) {
    if (!existsSync(join(root, source))) {
      warnings.push(`warning: ${source} is missing: dist has no ${name}.mjs`);
      continue;
    }
    const result = await compile(root, {
      entryPoints: { [name]: source },
      outdir: 'out',
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunk-[hash]',
      splitting,
      external,
      define: { ERS_VERSION: JSON.stringify(version) },
      banner,
      // A stack trace prints the line of a throw: it must be one of ours, not all of the program.
      minifyWhitespace: false,
    });
    for (const file of result.outputFiles)
      files.set(file.path.slice(join(root, 'out').length + 1), file.contents);
  }
  return { files, warnings };
}
