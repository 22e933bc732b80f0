import { join } from 'node:path';
import { FaultError } from '../../base/fault.ts';
import { addonFile } from '../load.ts';
import { compilerFlags, type Recipe } from '../recipe.ts';
import { runProgram } from './program.ts';

/**
 * Compiles the addon into `dir`, beside the libraries, which it finds by a path relative to itself.
 * Throws `FaultError` ERS_RUNTIME_BUILD with the compiler's first error.
 */
export async function buildAddon(
  recipe: Recipe,
  compiler: string,
  dir: string,
  options: { readonly note: string; readonly signal: AbortSignal; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const { addon } = recipe;
  const libraries = join(dir, 'tensorflow');
  // Libraries come after the sources that need them: some linkers read them once, in this order.
  const args = [
    ...['-I', addon.nodeApi, '-I', join(libraries, 'include'), '-I', join(addon.folder, '..')],
    ...addon.files,
    ...['-o', join(dir, addonFile), '-L', libraries],
    ...compilerFlags(recipe.variant),
  ];
  const result = await runProgram(compiler, args, options);
  if (result.code === 0) return;
  const lines = result.output.split('\n');
  const said = lines.find((line) => /error|cannot find/i.test(line)) ?? lines[0] ?? '';
  throw new FaultError({
    code: 'ERS_RUNTIME_BUILD',
    message: `${compiler} could not compile the TensorFlow addon: ${said.trim()}`,
    hint: 'Expected a C++17 compiler with its standard library and headers (Debian: g++, 7 or newer). Set CXX to choose another.',
  });
}
