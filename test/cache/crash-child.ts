import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../base/digest.ts';
import { openStore } from '../../cache/store.ts';

/** One whole attempt: writes two outs below a new folder, adopts them and commits a record. Returns what was stored. */
export async function attempt(root: string, folder: string) {
  mkdirSync(join(folder, 'model'), { recursive: true });
  writeFileSync(join(folder, 'model', 'weights'), 'weights');
  writeFileSync(join(folder, 'metrics.json'), '{}');
  const opened = openStore({ root });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  const outs = await opened.value.adopt({
    model: { path: join(folder, 'model'), kind: 'folder' },
    metrics: { path: join(folder, 'metrics.json'), kind: 'file' },
  });
  opened.value.commit({ version: 1, key: sha256('key'), inputs: {}, outs, metrics: {}, made: {} });
  await opened.value.save();
  return { store: opened.value, outs };
}

const [root, folder] = process.argv.slice(2);
if (process.env['ERS_TEST_CRASH_AT'] !== undefined && root !== undefined && folder !== undefined) {
  await attempt(root, folder);
}
