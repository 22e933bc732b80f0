import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';

/** Mounts at a new folder until the test ends; skips the test where that is not permitted. */
export function mount(context: TestContext, folder: string, ...options: readonly string[]): string {
  const at = join(folder, 'mounted');
  mkdirSync(at, { recursive: true });
  const mounted = spawnSync('mount', [...options, at], { encoding: 'utf8' });
  context.skip(mounted.status !== 0, `mount is not permitted here: ${mounted.stderr}`);
  onTestFinished(() => void spawnSync('umount', [at]));
  return at;
}
