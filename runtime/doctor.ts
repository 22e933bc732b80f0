import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../base/fault.ts';
import { existingPart, readFault, writeFault } from './install/base-folder.ts';
import { checkRuntime, installedBytes } from './install/manifest.ts';
import { findCompiler, firstLine, lookAround, needsOf } from './install/preflight.ts';
import { freeBytes } from './install/limits.ts';
import { storedRuntimes, type StoredRuntime } from './install/remove.ts';
import { findProgram, glibcVersion, processor } from './machine.ts';
import { askGpus, type Gpu } from './nvidia-smi.ts';
import { type VariantName, tensorFlowVersion } from './pins.ts';
import { runtimeBase } from './place.ts';
import { probeRuntime } from './probe.ts';
import { folderOf, recipeOf } from './recipe.ts';
import { rememberedDevice, variantFor } from './variant.ts';

/** What a machine has for native TensorFlow. Sizes in bytes. */
export interface Health {
  readonly node: string;
  /** `linux-x64`, with the C library's version where there is one. */
  readonly platform: string;
  readonly glibc: string | null;
  readonly processor: {
    readonly model: string;
    readonly features: readonly string[];
    readonly cores: number;
  };
  readonly memory: number;
  readonly disk: readonly {
    readonly of: 'runtime' | 'project';
    readonly folder: string;
    readonly free: number;
  }[];
  readonly gpus: readonly Gpu[];
  readonly compiler: string | null;
  readonly pip: string | null;
  readonly tensorflow: TensorFlowHealth;
  /** Runtimes that this version of ers does not use. */
  readonly unused: readonly StoredRuntime[];
  /** What stands in the way of a run, also after `ers setup`. */
  readonly faults: readonly Fault[];
}

interface TensorFlowHealth {
  readonly version: string;
  /** Null where no variant serves this machine. */
  readonly variant: VariantName | null;
  readonly dir: string | null;
  readonly state: 'works' | 'missing' | 'damaged' | 'broken' | 'unsupported';
  readonly bytes: number;
  readonly usesGpu: boolean;
  /** What is wrong with it, in words. */
  readonly why: string | null;
}

export interface DoctorOptions {
  /** Hash every file of the runtime. */
  readonly deep: boolean;
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Looks at the machine and at the installed runtime; changes nothing that stays. */
export async function examine(options: DoctorOptions): Promise<Health> {
  const { env, signal } = options;
  const base = runtimeBase(env);
  const closed = readFault(base);
  const { tensorflow, faults } =
    closed === undefined ? await examineTensorFlow(base, options) : { tensorflow: unseen, faults: [closed] };
  const python = findProgram(['python3'], env['PATH']);
  const compiler = findCompiler(env);
  const place = existingPart(base);
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    glibc: glibcVersion() ?? null,
    processor: { ...processor(), cores: cpus().length },
    memory: totalmem(),
    disk: [
      { of: 'runtime', folder: base, free: freeBytes(place) },
      { of: 'project', folder: options.project, free: freeBytes(existingPart(options.project)) },
    ],
    gpus: await askGpus(env, signal),
    compiler:
      compiler === undefined ? null : ((await firstLine(compiler, ['--version'], env, signal)) ?? null),
    pip:
      python === undefined
        ? null
        : ((await firstLine(python, ['-m', 'pip', '--version'], env, signal)) ?? null),
    tensorflow,
    unused:
      closed === undefined ? storedRuntimes(base).filter((runtime) => runtime.dir !== tensorflow.dir) : [],
    faults,
  };
}

/** Before anything is known, or where nothing can be. */
const unseen: TensorFlowHealth = {
  version: tensorFlowVersion,
  variant: null,
  dir: null,
  state: 'missing',
  bytes: 0,
  usesGpu: false,
  why: null,
};

async function examineTensorFlow(
  base: string,
  options: DoctorOptions,
): Promise<{ readonly tensorflow: TensorFlowHealth; readonly faults: readonly Fault[] }> {
  const variant = variantFor(process, undefined, rememberedDevice(base));
  if (!variant.ok) return { tensorflow: { ...unseen, state: 'unsupported' }, faults: variant.faults };
  const recipe = recipeOf(variant.value);
  const dir = join(base, folderOf(recipe));
  const here = { ...unseen, variant: variant.value, dir };
  const found = await checkRuntime(dir, options.deep);
  if (found.state !== 'intact') {
    const { faults } = await lookAround(
      existingPart(base),
      needsOf(recipe, false),
      options.env,
      options.signal,
    );
    const why = found.state === 'damaged' ? `${found.file} ${found.how}` : null;
    const shut = writeFault(base);
    return {
      tensorflow: { ...here, state: found.state, why },
      faults: shut === undefined ? faults : [shut, ...faults],
    };
  }
  const bytes = installedBytes(found.manifest);
  const probed = await probeRuntime(dir, options.signal);
  if (probed.ok) {
    return { tensorflow: { ...here, bytes, state: 'works', usesGpu: probed.value.usesGpu }, faults: [] };
  }
  const why = probed.faults.map((fault) => fault.message).join('; ');
  return { tensorflow: { ...here, bytes, state: 'broken', why }, faults: probed.faults };
}
