import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, FaultError, settle, type Result } from '../../base/fault.ts';
import { say, sayBytes, type Emit } from '../events.ts';
import { runtimeBase } from '../place.ts';
import type { VariantName } from '../pins.ts';
import { probeRuntime } from '../probe.ts';
import { folderOf, recipeOf, type Recipe } from '../recipe.ts';
import { rememberedDevice, variantFor, type Device } from '../variant.ts';
import { buildAddon } from './build.ts';
import { makeBase, readFault } from './base-folder.ts';
import { diskFaultOf } from './errno.ts';
import { fetchWheels } from './fetch.ts';
import { localWheels } from './local.ts';
import { checkRuntime, installedBytes, writeManifest, type RuntimeManifest } from './manifest.ts';
import { needsOf, preflight, sizesOf, type Tools } from './preflight.ts';
import { openStaging, removeLeftovers, takeLock, type Staging } from './staging.ts';
import { unpack } from './wheel.ts';

export interface EnsureOptions {
  /** Which device to install for; without it what `ers setup` chose before, else the GPU where there is one. */
  readonly variant?: Device;
  /** A wheel file (or a folder of them, for the GPU variant) to install from instead of the package index. */
  readonly wheel?: string;
  /** Hash every file of an installed runtime and load it in a process of its own. */
  readonly deep?: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

export interface InstalledRuntime {
  readonly dir: string;
  readonly version: string;
  readonly variant: VariantName;
  readonly bytes: number;
  /** It was installed or repaired now. */
  readonly installed: boolean;
}

/**
 * Makes sure that the pinned native TensorFlow is installed for this user, and installs or repairs it if not.
 * Publishing is one rename of a checked folder, so a killed installation leaves nothing that counts.
 * Rejects with the signal's reason when `signal` aborts.
 * Faults: ERS_RUNTIME_PLATFORM, _TOOL_MISSING, _DISK, _FETCH, _BUILD, _DAMAGED.
 */
export async function ensureRuntime(options: EnsureOptions): Promise<Result<InstalledRuntime>> {
  const base = runtimeBase(options.env);
  const closed = readFault(base);
  if (closed !== undefined) return fail(closed);
  const variant = variantFor(process, options.variant, rememberedDevice(base));
  if (!variant.ok) return variant;
  return ensureRecipe(recipeOf(variant.value), base, options);
}

/** `ensureRuntime` for a given recipe and place. */
export async function ensureRecipe(
  recipe: Recipe,
  base: string,
  options: EnsureOptions,
): Promise<Result<InstalledRuntime>> {
  return settle(async () => {
    const dir = join(base, folderOf(recipe));
    const there = await usable(dir, options);
    if (there !== undefined) return installed(dir, there, false);
    return diskFaultOf(base, async () => {
      makeBase(base);
      removeLeftovers(base);
      const staging = openStaging(base);
      try {
        return await underLock(recipe, dir, staging, options);
      } finally {
        staging.drop();
      }
    });
  });
}

async function underLock(
  recipe: Recipe,
  dir: string,
  staging: Staging,
  options: EnsureOptions,
): Promise<InstalledRuntime> {
  const base = join(staging.dir, '..');
  const waiting = (pid: number): void =>
    say(options.emit, 'fetching', `waiting for process ${pid}, which is installing TensorFlow already`);
  const lock = await takeLock(base, basename(dir), staging, waiting, options.signal);
  try {
    const meanwhile = await checkRuntime(dir, false);
    if (meanwhile.state === 'intact') return installed(dir, meanwhile.manifest, false);
    const manifest = await install(recipe, dir, staging, options);
    await publish(join(staging.dir, 'runtime'), dir, staging);
    return installed(dir, manifest, true);
  } finally {
    lock.release();
  }
}

/** The manifest of a runtime that can be used as it is; says what is wrong with it otherwise. */
async function usable(dir: string, options: EnsureOptions): Promise<RuntimeManifest | undefined> {
  const deep = options.deep === true;
  const found = await checkRuntime(dir, deep);
  if (found.state === 'missing') return undefined;
  if (found.state === 'damaged') {
    say(
      options.emit,
      'missing',
      `TensorFlow in ${dir} is damaged (${found.file} ${found.how}): installing it again`,
    );
    return undefined;
  }
  if (!deep) return found.manifest;
  const probed = await probeRuntime(dir, options.signal);
  if (!probed.ok) throw new FaultError(...probed.faults);
  return found.manifest;
}

async function install(
  recipe: Recipe,
  dir: string,
  staging: Staging,
  options: EnsureOptions,
): Promise<RuntimeManifest> {
  const { emit, signal, env = process.env } = options;
  const needs = needsOf(recipe, options.wheel !== undefined);
  const { fetched, kept } = sizesOf(recipe);
  const tools = await preflight(join(staging.dir, '..'), needs, env, signal);
  const what = `TensorFlow ${recipe.version} (${recipe.variant})`;
  const source =
    options.wheel === undefined
      ? `Fetching ${sayBytes(fetched)} with pip`
      : `Taking it from ${options.wheel}`;
  say(
    emit,
    'missing',
    `${what} is not installed yet. ${source}; it takes ${sayBytes(kept)} in ${dir}, which all checkouts share. \`npx ers setup --remove\` removes it.`,
  );
  const wheels =
    options.wheel === undefined
      ? await fetchAll(recipe, tools, staging, options, fetched)
      : await localWheels(recipe.wheels, options.wheel, signal);
  const target = join(staging.dir, 'runtime');
  mkdirSync(target);
  let done = 0;
  for (const [index, wheel] of wheels.entries()) {
    const name = recipe.wheels[index]?.package ?? wheel;
    const progress = (bytes: number): void =>
      say(emit, 'unpacking', `unpacking ${name}`, { done: Math.min(done + bytes, kept), total: kept });
    await unpack(wheel, target, throttle(progress), signal);
    done += recipe.wheels[index]?.kept ?? 0;
    // The space of a fetched wheel is needed no more.
    if (options.wheel === undefined) rmSync(wheel);
  }
  say(emit, 'building', `compiling the addon with ${tools.compilerVersion}`);
  await buildAddon(recipe, tools.compiler, target, { signal, env, note: staging.note });
  say(emit, 'checking', 'loading TensorFlow and computing with it');
  const probed = await probeRuntime(target, signal);
  if (!probed.ok) throw new FaultError(...probed.faults);
  const { version, variant } = recipe;
  return writeManifest(target, { version, variant, compiler: tools.compilerVersion }, signal);
}

async function fetchAll(
  recipe: Recipe,
  tools: Tools,
  staging: Staging,
  options: EnsureOptions,
  total: number,
): Promise<readonly string[]> {
  if (tools.python === undefined) throw new Error('Internal error: fetching without python3');
  const files = await fetchWheels(recipe.wheels, {
    python: tools.python,
    staging: staging.dir,
    note: staging.note,
    env: options.env ?? process.env,
    signal: options.signal,
    progress: (bytes) =>
      say(options.emit, 'fetching', 'fetching with pip', { done: Math.min(bytes, total), total }),
  });
  say(options.emit, 'fetching', 'fetching with pip', { done: total, total });
  return files;
}

/**
 * One rename makes the runtime visible. A damaged one gives way; an intact one that another process published
 * meanwhile stays, since it may be in use.
 */
async function publish(from: string, to: string, staging: Staging): Promise<void> {
  for (;;) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && takenCodes.has(error.code);
      if (!taken) throw error;
    }
    if ((await checkRuntime(to, false)).state === 'intact') return;
    renameSync(to, join(staging.dir, `replaced-${randomBytes(3).toString('hex')}`));
  }
}

const takenCodes: ReadonlySet<unknown> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

function installed(dir: string, manifest: RuntimeManifest, now: boolean): InstalledRuntime {
  const { version, variant } = manifest;
  return { dir, version, variant, bytes: installedBytes(manifest), installed: now };
}

/** Lets through the first call and then one every 100 ms: a library is unpacked in thousands of pieces. */
function throttle(report: (bytes: number) => void): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    const now = performance.now();
    if (now < next) return;
    next = now + 100;
    report(bytes);
  };
}
