import { readFileSync, statfsSync } from 'node:fs';
import { FaultError, type Fault } from '../../base/fault.ts';
import { sayBytes } from '../events.ts';
import { findProgram, glibcVersion, processor } from '../machine.ts';
import type { VariantName } from '../pins.ts';
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

/** Compilers in the order of preference, after `CXX`. */
export const compilerNames: readonly string[] = ['c++', 'g++', 'clang++'];

/**
 * Finds all that an installation needs before anything is fetched, so that one message can name all that is missing.
 * Throws `FaultError` ERS_RUNTIME_PLATFORM, ERS_RUNTIME_TOOL_MISSING, ERS_RUNTIME_DISK.
 */
export async function preflight(
  base: string,
  needs: Needs,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Tools> {
  const platform = platformFault(needs.variant, glibcVersion(), processor().features);
  const missing: Missing[] = [];
  const compiler = findCompiler(env);
  const version = compiler === undefined ? undefined : await firstLine(compiler, ['--version'], env, signal);
  if (compiler === undefined || version === undefined) missing.push('compiler');
  const python = needs.pip ? findProgram(['python3'], env['PATH']) : undefined;
  if (needs.pip) {
    if (python === undefined) missing.push('python');
    else if ((await firstLine(python, ['-m', 'pip', '--version'], env, signal)) === undefined)
      missing.push('pip');
  }
  const faults = [
    platform,
    missing.length > 0 ? missingFault(missing, packageManager()) : undefined,
    diskFault(needs.bytes, freeBytes(base), base),
  ].filter((fault) => fault !== undefined);
  if (compiler === undefined || version === undefined || faults.length > 0) throw new FaultError(...faults);
  return { compiler, compilerVersion: version, ...(python === undefined ? {} : { python }) };
}

/** Bytes that an ordinary user may still write at a folder that exists. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return result?.code === 0 ? result.output.split('\n')[0] : undefined;
}

/** The wheels are built for glibc 2.27 and, on x86, for processors with AVX. */
export function platformFault(
  variant: VariantName,
  glibc: string | undefined,
  features: readonly string[],
): Fault | undefined {
  if (!variant.startsWith('linux')) return undefined;
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  if (glibc === undefined || major < 2 || (major === 2 && minor < 27)) {
    return {
      code: 'ERS_RUNTIME_PLATFORM',
      message: `Native TensorFlow needs glibc 2.27 or newer; this system has ${glibc === undefined ? 'another C library (musl?)' : `glibc ${glibc}`}.`,
      hint: 'Use a glibc-based system such as Debian 11 or newer; in containers `node:20-bookworm` instead of `node:20-alpine`.',
    };
  }
  if (variant.startsWith('linux-x64') && !features.includes('avx')) {
    return {
      code: 'ERS_RUNTIME_PLATFORM',
      message: 'Native TensorFlow needs a processor with AVX; this one has none.',
      hint: 'In a virtual machine, let it pass the host’s processor features through.',
    };
  }
  return undefined;
}

export function diskFault(needed: number, free: number, folder: string): Fault | undefined {
  if (free >= needed) return undefined;
  return {
    code: 'ERS_RUNTIME_DISK',
    message: `Installing TensorFlow takes ${sayBytes(needed)} for a while; ${sayBytes(free)} are free.`,
    place: { file: folder },
    hint: 'Free some space, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.',
  };
}

export type Missing = 'compiler' | 'python' | 'pip';
export type PackageManager = 'apt' | 'dnf' | 'pacman' | 'zypper' | 'brew' | 'unknown';

const packages: Readonly<Record<PackageManager, Readonly<Record<Missing, string>>>> = {
  apt: { compiler: 'g++', python: 'python3 python3-pip', pip: 'python3-pip' },
  dnf: { compiler: 'gcc-c++', python: 'python3 python3-pip', pip: 'python3-pip' },
  zypper: { compiler: 'gcc-c++', python: 'python3 python3-pip', pip: 'python3-pip' },
  pacman: { compiler: 'gcc', python: 'python python-pip', pip: 'python-pip' },
  brew: { compiler: '', python: 'python', pip: 'python' },
  unknown: { compiler: 'g++', python: 'python3 with pip', pip: 'pip' },
};

const commands: Readonly<Record<PackageManager, string>> = {
  apt: 'apt-get install',
  dnf: 'dnf install',
  zypper: 'zypper install',
  pacman: 'pacman -S',
  brew: 'brew install',
  unknown: 'Install:',
};

const called: Readonly<Record<Missing, string>> = {
  compiler: 'a C++ compiler (g++)',
  python: 'python3 with pip',
  pip: 'pip for python3',
};

/** One message for all missing programs, with the command that installs them. */
export function missingFault(missing: readonly Missing[], manager: PackageManager): Fault {
  const names = missing.map((tool) => packages[manager][tool]).filter((name) => name !== '');
  const install = names.length > 0 ? [`\`${commands[manager]} ${names.join(' ')}\``] : [];
  const apple = manager === 'brew' && missing.includes('compiler') ? ['`xcode-select --install`'] : [];
  return {
    code: 'ERS_RUNTIME_TOOL_MISSING',
    message: `To install native TensorFlow, ${missing.map((tool) => called[tool]).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing on this machine.`,
    hint: `Run ${[...apple, ...install].join(' and ')}${manager === 'apt' ? ' (as root)' : ''}, then run it again.`,
  };
}

/** Which package manager this system's users know. */
function packageManager(): PackageManager {
  if (process.platform === 'darwin') return 'brew';
  const found = findProgram(['apt-get', 'dnf', 'zypper', 'pacman'], '/usr/bin:/bin:/usr/sbin');
  if (found === undefined) return osRelease().includes('debian') ? 'apt' : 'unknown';
  if (found.endsWith('apt-get')) return 'apt';
  if (found.endsWith('dnf')) return 'dnf';
  return found.endsWith('zypper') ? 'zypper' : 'pacman';
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
