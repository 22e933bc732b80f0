import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Fault, Place } from '../base/fault.ts';
import { errnoOf, isMissing, isTooLong } from './errno.ts';
import { namesIn } from './listing.ts';
import { osPath, sayName } from './names.ts';
import type { FinishedOut } from './types.ts';

/** What lies in a finished out, by relative path ('' = the out itself), folders before what is in them. */
export interface OutContent {
  readonly kind: 'file' | 'folder';
  readonly folders: readonly string[];
  readonly files: readonly { readonly path: string; readonly shared: boolean }[];
  /** Relative links that stay inside the out. */
  readonly links: readonly string[];
}

/**
 * Looks at an out without following links. Faults: it is missing or not of the declared kind, or it holds
 * what cannot be stored: a FIFO, a socket, a device, a link that leads out of it.
 */
export function inspectOut(name: string, out: FinishedOut): OutContent | readonly Fault[] {
  const said = out.said?.path ?? out.path;
  const top = lstatSync(osPath(out.path), { throwIfNoEntry: false });
  if (top === undefined) return [missing(name, out)];
  const kind = top.isFile() ? 'file' : 'folder';
  if ((!top.isFile() && !top.isDirectory()) || (out.kind !== 'any' && out.kind !== kind)) {
    const expected = out.kind === 'any' ? 'a file or a folder' : `a ${out.kind}`;
    return [kindFault(name, said, `is ${sayKind(top)}, expected ${expected}`, out.said?.place)];
  }
  const folders: string[] = [];
  const files: { path: string; shared: boolean }[] = [];
  const links: string[] = [];
  const faults: Fault[] = [];
  const refuse = (path: string, what: string): void => {
    faults.push(kindFault(name, path === '' ? said : `${said}/${path}`, what, out.said?.place));
  };
  const visit = (path: string, stats: Stats): void => {
    const full = path === '' ? out.path : `${out.path}/${path}`;
    if (stats.isFile()) files.push({ path, shared: stats.nlink > 1 });
    else if (stats.isDirectory()) {
      folders.push(path);
      for (const entry of namesIn(full)) {
        visit(path === '' ? entry : `${path}/${entry}`, lstatSync(osPath(`${full}/${entry}`)));
      }
    } else if (!stats.isSymbolicLink()) {
      refuse(path, `is ${sayKind(stats)}, expected plain files`);
    } else if (staysInside(out.path, full)) links.push(path);
    else refuse(path, 'is a link that leads out of the output or nowhere');
  };
  try {
    visit('', top);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const why = isMissing(error) ? 'changed while it was stored' : 'has a part that cannot be read';
    refuse('', isTooLong(error) ? tooDeep : why);
  }
  return faults.length > 0 ? faults : { kind, folders, files, links };
}

/** What is said of an out with a path that the system does not open, where it lies or in the store. */
export const tooDeep = 'holds a path that is too long for the system';

/** A fault about one path of an out. */
export function kindFault(name: string, path: string, what: string, place?: Place): Fault {
  const file = sayName(path);
  return {
    code: 'ERS_OUT_KIND',
    message: `Output ${name}: ${file} ${what}.`,
    place: place ?? { file },
    hint: 'Make the stage write plain files and folders of its own (folders of inputs are links: `cp -rL` copies what they lead to); nothing was recorded.',
  };
}

function missing(name: string, out: FinishedOut): Fault {
  const what = out.kind === 'any' ? 'file or folder' : out.kind;
  const file = sayName(out.said?.path ?? out.path);
  return {
    code: 'ERS_OUT_MISSING',
    message: `Output ${name} was not written: expected a ${what} at ${file}.`,
    place: out.said?.place ?? { file },
    hint: 'Make the stage write it, or remove it from `outs:`; nothing was recorded.',
  };
}

/** Both the link's text and what it resolves to must stay, since the out is about to be renamed. */
function staysInside(root: string, link: string): boolean {
  const target = readlinkSync(osPath(link));
  if (isAbsolute(target) || !isBelow(root, resolve(dirname(link), target))) return false;
  try {
    // The other one makes text of a name's bytes.
    return isBelow(realpathSync.native(osPath(root)), realpathSync.native(osPath(link)));
  } catch (error) {
    // It leads nowhere, or in a circle.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith('../');
}

function sayKind(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a link';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
