import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/fault.ts';
import { isAbsence } from './install/errno.ts';
import { hasNvidiaGpu } from './gpu.ts';
import { variantNames, type VariantName } from './pins.ts';

/** Which device a user wants TensorFlow for. */
export type Device = 'cpu' | 'gpu';

export interface Host {
  readonly platform: string;
  readonly arch: string;
}

/**
 * The variant for a machine. Without a wish: what `ers setup --cpu/--gpu` chose before (`remembered`),
 * else the GPU's where an NVIDIA driver is loaded.
 * Fault: ERS_RUNTIME_PLATFORM.
 */
export function variantFor(
  host: Host,
  wish: Device | undefined,
  remembered: Device | undefined,
  gpuThere: () => boolean = hasNvidiaGpu,
): Result<VariantName> {
  if (host.platform === 'win32') {
    return fail({
      code: 'ERS_RUNTIME_PLATFORM',
      message: 'There is no native TensorFlow 2.21 for Windows itself.',
      hint: 'Use the Windows Subsystem for Linux: `wsl --install`, then run ers inside it.',
    });
  }
  const machine = `${host.platform}-${host.arch}`;
  if (machine === 'linux-x64') {
    const device = wish ?? remembered ?? (gpuThere() ? 'gpu' : 'cpu');
    return ok(device === 'gpu' ? 'linux-x64-gpu' : 'linux-x64-cpu');
  }
  const variant = variantNames.find((name) => name === `${machine}-cpu`);
  if (variant === undefined) {
    return fail({
      code: 'ERS_RUNTIME_PLATFORM',
      message: `There is no native TensorFlow 2.21 for ${machine}.`,
      hint: 'Use Linux on x86-64 or arm64, or macOS on Apple silicon. The stages up to `shards` run everywhere.',
    });
  }
  if (wish === 'gpu') {
    return fail({
      code: 'ERS_RUNTIME_PLATFORM',
      message: `TensorFlow 2.21 has no GPU variant for ${machine}.`,
      hint: 'Leave out --gpu: training runs on the CPU.',
    });
  }
  return ok(variant);
}

const choiceFile = 'device';

/** What `ers setup --cpu/--gpu` chose for all later runs. */
export function rememberedDevice(base: string): Device | undefined {
  try {
    const text = readFileSync(join(base, choiceFile), 'utf8').trim();
    return text === 'cpu' || text === 'gpu' ? text : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

export function rememberDevice(base: string, device: Device): void {
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, choiceFile), `${device}\n`);
}
