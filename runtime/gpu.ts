import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';

/** Whether the kernel has NVIDIA's driver, so that the GPU variant is worth its size. */
export function hasNvidiaGpu(): boolean {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

/**
 * The GPUs' names, in the order of their bus addresses, and the driver's version, as the kernel has them: without a
 * program, so that a plan may ask. Both are missing under WSL, where the driver is that of Windows.
 */
export function loadedDriver(folder = '/proc/driver/nvidia'): {
  readonly gpus: readonly string[];
  readonly driver: string | null;
} {
  if (!existsSync(join(folder, 'version'))) return { gpus: [], driver: null };
  const list = join(folder, 'gpus');
  const addresses = existsSync(list) ? readdirSync(list).sort(byCodeUnit) : [];
  const gpus = addresses.map((address) => {
    const text = readFileSync(join(list, address, 'information'), 'utf8');
    return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? 'unknown';
  });
  const version = /^NVRM version:.*?\s(\d+\.\d[\d.]*)\s/m.exec(readFileSync(join(folder, 'version'), 'utf8'));
  return { gpus, driver: version?.[1] ?? null };
}
