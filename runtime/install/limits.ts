import { statfsSync } from 'node:fs';
import type { Fault } from '../../base/fault.ts';
import { sayBytes } from '../events.ts';
import type { VariantName } from '../pins.ts';

/** Bytes that an ordinary user may still write at a folder that exists. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
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
