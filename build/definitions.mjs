import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BuildError, compile } from './compile.mjs';

/**
 * @typedef {import('../engine/stage.ts').StageDefinition} StageDefinition
 */

/**
 * Folders of `stages/` that are a stage. One without `run.ts` or `definition.ts` is left out with a warning.
 *
 * @param {string} root
 * @returns {{ names: string[], warnings: string[] }}
 */
export function findStages(root) {
  const folder = join(root, 'stages');
  if (!existsSync(folder)) return { names: [], warnings: [] };
  const all = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const lacking = (name) =>
    ['definition.ts', 'run.ts'].filter((file) => !existsSync(join(folder, name, file)));
  return {
    names: all.filter((name) => lacking(name).length === 0),
    warnings: all
      .filter((name) => lacking(name).length > 0)
      .map((name) => `warning: stages/${name} has no ${lacking(name).join(' and no ')}: left out`),
  };
}

/**
 * Imports the definition of each stage.
 *
 * @param {string} root
 * @param {readonly string[]} names
 * @param {string} scratch an existing folder below `root`, from which npm packages are found
 * @returns {Promise<Map<string, StageDefinition>>}
 */
export async function importDefinitions(root, names, scratch) {
  const contents = names
    .flatMap((name, index) => [
      `export * as stage${index} from './stages/${name}/definition.ts';`,
      ...(hasCheck(root, name) ? [`export * as check${index} from './stages/${name}/check.ts';`] : []),
    ])
    .join('\n');
  const result = await compile(root, {
    stdin: { contents, resolveDir: root, sourcefile: 'definitions' },
    packages: 'external',
  });
  const folder = await mkdtemp(join(scratch, 'definitions-'));
  try {
    const file = join(folder, 'definitions.mjs');
    await writeFile(file, result.outputFiles[0].contents);
    const modules = await import(pathToFileURL(file).href);
    return new Map(
      names.map((name, index) => {
        const definition = pick(root, name, modules[`stage${index}`]);
        if (definition.check !== modules[`check${index}`]?.check) {
          throw new BuildError(
            `stages/${name}/definition.ts: \`check\` must be the export of that name of stages/${name}/check.ts`,
          );
        }
        return [name, definition];
      }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {string} root @param {string} name */
function hasCheck(root, name) {
  return existsSync(join(root, 'stages', name, 'check.ts'));
}

/** The one export that is a definition, checked against its folder. */
function pick(root, name, exported) {
  const place = `stages/${name}/definition.ts`;
  const found = Object.values(exported).filter(
    (value) => typeof value === 'object' && value !== null && 'does' in value && 'outs' in value,
  );
  if (found.length !== 1) throw new BuildError(`${place} must export one definition, made by defineStage()`);
  const [definition] = found;
  if (definition.name !== name) {
    throw new BuildError(`${place} names its stage "${definition.name}": expected "${name}", as its folder`);
  }
  for (const worker of definition.workers ?? []) {
    if (!existsSync(join(root, 'stages', name, `${worker}.ts`))) {
      throw new BuildError(
        `${place} declares the worker "${worker}", but stages/${name}/${worker}.ts is missing`,
      );
    }
  }
  return definition;
}
