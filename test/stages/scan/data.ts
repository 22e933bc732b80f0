import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of real imagery that lies beside the project, or null (with the reason printed) where it is absent. */
export function realData(name: string): string | null {
  const path = fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url));
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: no ../shared/data/${name} beside the project\n`);
  return null;
}
