import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What an editor reads for `import … from 'ers'`, and what it names in turn. */
const sources = ['engine/user-stage/api.ts', 'engine/stage.ts', 'base/fault.ts', 'base/canonical.ts'];

/**
 * The declarations of what a stage of the user imports. They are kept in `types/`, since a project that uses ers has no
 * compiler set up for its sources.
 *
 * @returns {Promise<Map<string, string>>} path below `types/` → text
 */
export async function declarations() {
  const options = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    isolatedModules: true,
    types: ['node'],
    rootDir: root,
    outDir: '/types',
  };
  const texts = new Map();
  const program = ts.createProgram(
    sources.map((path) => join(root, path)),
    options,
  );
  program.emit(undefined, (path, text) =>
    texts.set(path.replace(/^\/types\//, '').replace(/\.ts$/, '.mts'), text),
  );
  const style = JSON.parse(JSON.stringify((await import('../prettier.config.js')).default));
  const finished = new Map();
  for (const source of sources) {
    const path = source.replace(/\.ts$/, '.d.mts');
    const text = texts.get(path);
    if (text === undefined) throw new Error(`Internal error: no declarations of ${source}`);
    const linked = text
      .replace(/(from '\.[^']*)\.ts'/g, "$1.mjs'")
      .replace(/(from "\.[^"]*)\.ts"/g, '$1.mjs"');
    // Another code of a fault is nothing that a stage of the user must know.
    const open = linked.replace(/readonly \["ERS_[^\]]*\]/, 'readonly `ERS_${string}`[]');
    finished.set(path, await format(open, { ...style, parser: 'typescript' }));
  }
  return finished;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await declarations()) {
    mkdirSync(dirname(join(root, 'types', path)), { recursive: true });
    writeFileSync(join(root, 'types', path), text);
  }
}
