import { sha256, type Digest } from '../../base/digest.ts';
import { parseManifest } from '../../cache/manifest.ts';
import type { Manifest } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import { inputListFile } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { sayPath } from '../project/say-path.ts';
import type { Keyed } from './standing.ts';
import { asSystemError, sayErrno } from '../../base/system-error.ts';

/** The files of an input folder that had this digest; undefined if its list is not there, or damaged. */
export function readInputList(project: Project, digest: Digest): Manifest | undefined {
  const text = inputListText(project, digest);
  return text === undefined ? undefined : parseManifest(text);
}

/** The same as the text of a manifest. */
export function inputListText(project: Project, digest: Digest): string | undefined {
  try {
    const text = readIfThere(inputListFile(project, digest));
    return text !== undefined && sha256(text) === digest ? text : undefined;
  } catch (error) {
    // It only explains: what cannot be read is not there.
    if (asSystemError(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * Keeps the file list of every input folder outside the store, so that a later change can be named. Returns a sentence
 * if one cannot be written: nothing depends on it.
 */
export function keepInputLists(project: Project, stage: Stage, keyed: Keyed): string | undefined {
  for (const [name, input] of Object.entries(keyed.inputs.known)) {
    if (input.kind !== 'folder' || stage.deps[name]?.type !== 'path') continue;
    if (inputListText(project, input.digest) !== undefined) continue;
    const text = project.index.listOf(input.path, input.digest);
    // Another stage that reads the same folder found it changed: the check after this one says so.
    if (text === undefined) continue;
    const problem = write(project, inputListFile(project, input.digest), text);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function write(project: Project, file: string, text: string): string | undefined {
  try {
    writeWhole(file, text);
    return undefined;
  } catch (error) {
    const system = asSystemError(error);
    if (system === undefined) throw error;
    return `${sayPath(project.pipeline.root, file)} cannot be written: ${sayErrno(system.code)}; if this input changes, ers why will not name the file`;
  }
}
