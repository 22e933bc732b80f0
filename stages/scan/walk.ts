import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';

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
  const unnamed: string[] = [];
  await walk(folder, '', new Set(), files, unnamed);
  if (unnamed.length > 0) return fail(...unnamed.sort(byCodeUnit).map(sayUnnamed));
  return ok(files.sort(byCodeUnit));
}

/**
 * `above` holds the real paths of the folders on the way here: a link back to one of them is not followed. `unnamed`
 * takes the folders that cannot be entered by their name.
 */
async function walk(
  root: string,
  below: string,
  above: ReadonlySet<string>,
  files: string[],
  unnamed: string[],
): Promise<void> {
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
    if (kind === 'folder') {
      if (entry.name.includes('\ufffd') && (await kindOf(join(root, path))) === 'missing') unnamed.push(path);
      else await walk(root, path, inside, files, unnamed);
    } else files.push(path);
  }
}

/** Node replaces bytes of a name that are no UTF-8, and then finds no such folder. */
function sayUnnamed(path: string): Fault {
  return {
    code: 'ERS_INPUT_MISSING',
    message: 'The folder cannot be opened, because its name is not UTF-8.',
    place: { file: path },
    hint: 'Rename it, e.g. with `convmv -r -f latin1 -t utf8 --notest FOLDER`.',
  };
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
