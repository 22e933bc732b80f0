import { FaultError, type Fault } from '../../base/fault.ts';
import { findProgram, glibcVersion, processor } from '../machine.ts';
import type { VariantName } from '../pins.ts';
import type { Recipe } from '../recipe.ts';
import { isAbsence } from './errno.ts';
import { diskFault, freeBytes, platformFault } from './limits.ts';
import { missingFault, packageManager, type Missing } from './missing.ts';
import { runProgram } from './program.ts';

/** The programs that an installation calls. */
export interface Tools {
  /** Absent when the wheels are local files: then pip is not needed. */
  readonly python?: string;
  readonly compiler: string;
  /** First line of the compiler's `--version`. */
  readonly compilerVersion: string;
}

export interface Needs {
  readonly variant: VariantName;
  readonly pip: boolean;
  /** Free bytes that the installation takes at its peak. */
  readonly bytes: number;
}

/** Bytes that a recipe's wheels have and that it leaves on the disk. */
export function sizesOf(recipe: Recipe): { readonly fetched: number; readonly kept: number } {
  return {
    fetched: recipe.wheels.reduce((sum, wheel) => sum + wheel.bytes, 0),
    kept: recipe.wheels.reduce((sum, wheel) => sum + wheel.kept, 0),
  };
}

/** Room for the addon, the headers and pip's own files. */
const spareBytes = 100e6;

export function needsOf(recipe: Recipe, local: boolean): Needs {
  const { fetched, kept } = sizesOf(recipe);
  return { variant: recipe.variant, pip: !local, bytes: kept + (local ? 0 : fetched) + spareBytes };
}

/** Compilers in the order of preference, after `CXX`. */
const compilerNames: readonly string[] = ['c++', 'g++', 'clang++'];

/** What an installation would find on this machine. */
export interface Found {
  readonly tools?: Tools;
  /** Everything that stands in its way, so that one message can name it all. */
  readonly faults: readonly Fault[];
}

/**
 * Looks for all that an installation needs, before anything is fetched. `base` must exist.
 * Faults: ERS_RUNTIME_PLATFORM, ERS_RUNTIME_TOOL_MISSING, ERS_RUNTIME_DISK.
 */
export async function lookAround(
  base: string,
  needs: Needs,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Found> {
  const missing: Missing[] = [];
  const compiler = findCompiler(env);
  const version = compiler === undefined ? undefined : await firstLine(compiler, ['--version'], env, signal);
  if (version === undefined) missing.push('compiler');
  const python = needs.pip ? findProgram(['python3'], env['PATH']) : undefined;
  if (needs.pip) {
    if (python === undefined) missing.push('python');
    else if ((await firstLine(python, ['-m', 'pip', '--version'], env, signal)) === undefined)
      missing.push('pip');
  }
  const faults = [
    platformFault(needs.variant, glibcVersion(), processor().features),
    missing.length > 0 ? missingFault(missing, packageManager()) : undefined,
    diskFault(needs.bytes, freeBytes(base), base),
  ].filter((fault) => fault !== undefined);
  if (compiler === undefined || version === undefined) return { faults };
  return {
    faults,
    tools: { compiler, compilerVersion: version, ...(python === undefined ? {} : { python }) },
  };
}

/** The tools of an installation, or a throw of `FaultError` with all that stands in its way. */
export async function preflight(
  base: string,
  needs: Needs,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Tools> {
  const { tools, faults } = await lookAround(base, needs, env, signal);
  if (faults.length > 0 || tools === undefined) throw new FaultError(...faults);
  return tools;
}

export function findCompiler(env: NodeJS.ProcessEnv): string | undefined {
  const chosen = env['CXX'];
  const names = chosen === undefined || chosen === '' ? compilerNames : [chosen, ...compilerNames];
  return chosen?.includes('/') === true ? chosen : findProgram(names, env['PATH']);
}

/** The first line that a program prints; `undefined` if it fails. */
export async function firstLine(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  const result = await runProgram(file, args, { signal, env }).catch((error: unknown) => {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    if (denied || isAbsence(error)) return undefined;
    throw error;
  });
  return result?.code === 0 ? result.output.split('\n')[0] : undefined;
}
