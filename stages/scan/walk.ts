import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { fail, ok, type Result } from '../../base/fault.ts';

/**
 * All files below a folder as relative POSIX paths in code-unit order. Links are followed; hidden files and folders
 * (a leading dot) are passed over. Faults: ERS_INPUT_MISSING, ERS_INPUT_KIND.
 */
export async function listFiles(folder: string): Promise<Result<readonly string[]>> {
  const kind = await kindOf(folder);
  if (kind === 'missing') {
    return fail({
      code: 'ERS_INPUT_MISSING',
      message: 'The dataset folder does not exist.',
      hint: 'Set dataset.root to a folder that holds images and masks.',
    });
  }
  if (kind !== 'folder') {
    return fail({
      code: 'ERS_INPUT_KIND',
      message: 'The dataset is not a folder.',
      hint: 'Set dataset.root to a folder that holds images and masks.',
    });
  }
  const files: string[] = [];
  await walk(folder, '', new Set(), files);
  return ok(files.sort(byCodeUnit));
}

/** `above` holds the real paths of the folders on the way here: a link back to one of them is not followed. */
async function walk(root: string, below: string, above: ReadonlySet<string>, files: string[]): Promise<void> {
  const here = await realpath(join(root, below));
  if (above.has(here)) return;
  const inside = new Set([...above, here]);
  for (const entry of await readdir(here, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const kind = entry.isSymbolicLink()
      ? await kindOf(join(root, path))
      : entry.isDirectory()
        ? 'folder'
        : 'file';
    if (kind === 'folder') await walk(root, path, inside, files);
    else files.push(path);
  }
}

async function kindOf(path: string): Promise<'missing' | 'folder' | 'file'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return 'missing';
    }
    throw error;
  }
}
