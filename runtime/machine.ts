import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';

/** Instruction sets that decide how fast (and with which bits) TensorFlow computes. */
const telling =
  /^(avx|avx2|fma|avx512f|avx512_vnni|avx512_bf16|amx_bf16|amx_int8|amx_tile|asimd|bf16|i8mm|sve)$/;

export interface Processor {
  readonly model: string;
  /** Sorted as the kernel lists them; empty where the system does not say. */
  readonly features: readonly string[];
}

/** The processor's name and those of its features that matter to TensorFlow. */
export function processor(): Processor {
  const text = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
  return {
    model: cpus()[0]?.model.trim() ?? 'unknown',
    features: flags.split(/\s+/).filter((flag) => telling.test(flag)),
  };
}

/** Whether a processor with these features multiplies bf16 numbers itself; undefined where the system names no features. */
export function hasBf16(features: readonly string[]): boolean | undefined {
  if (features.length === 0) return undefined;
  return ['avx512_bf16', 'amx_bf16', 'bf16'].some((feature) => features.includes(feature));
}

/** The C library's version on Linux: absent elsewhere and where it is not glibc (Alpine's musl). */
export function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return undefined;
  const header: unknown = report.header;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) return undefined;
  return typeof header.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : undefined;
}

/** The first of these programs that PATH has, absolute. */
export function findProgram(names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      if (folder !== '' && isExecutable(file)) return file;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
