import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './project.ts';

/** Folder of real imagery that lies beside the project, or nothing (with the reason printed) where it is absent. */
export function realData(name: string): string | undefined {
  const path = join(checkout, '..', 'shared', 'data', name);
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: no ../shared/data/${name} beside the project\n`);
  return undefined;
}
