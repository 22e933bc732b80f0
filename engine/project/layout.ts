import { isAbsolute, join } from 'node:path';
import { short, type Digest } from '../../base/digest.ts';
import type { StageName } from '../definition/types.ts';
import type { Project } from './project.ts';

/** Where the engine keeps things; paths below the project's root, except attempts, which share the store's disk. */

/** An input's absolute path: relative ones start at the folder of pipeline.yaml. */
export function inputPath(project: Project, path: string): string {
  return isAbsolute(path) ? path : join(project.pipeline.root, path);
}

/** One file each experiment. */
export function experimentsFolder(project: Project): string {
  return join(project.pipeline.root, '.ers', 'experiments');
}

/** The key that `artifacts/STAGE` shows. */
export function currentFile(project: Project, stage: StageName): string {
  return join(project.pipeline.root, '.ers', 'current', `${stage}.json`);
}

/** The file list of an input folder as it was when a record was made; `why` compares today's with it. */
export function inputListFile(project: Project, digest: Digest): string {
  return join(project.pipeline.root, '.ers', 'inputs', digest);
}

/** Results that the user let stand for a stage, by key: a file each stage. */
export function acceptedFile(project: Project, stage: StageName): string {
  return join(project.pipeline.root, '.ers', 'accepted', `${stage}.json`);
}

/** A log of events each run. */
export function runsFolder(project: Project): string {
  return join(project.pipeline.root, '.ers', 'runs');
}

/** What stages keep for looking at (`StageContext.logs`): a folder each stage, in it one each key. */
export function stageLogsFolder(project: Project): string {
  return join(project.pipeline.root, '.ers', 'logs');
}

/** One for all attempts on a key: results lie beside each other, and who goes on adds to what is there. */
export function logsFolder(project: Project, stage: StageName, key: Digest): string {
  return join(stageLogsFolder(project), stage, short(key));
}

/** The folder of links to the stage's current outs. */
export function artifactsFolder(project: Project, stage: StageName): string {
  return join(project.pipeline.root, 'artifacts', stage);
}

/** What plain runs have made, for git. */
export function lockFile(project: Project): string {
  return join(project.pipeline.root, 'pipeline.lock');
}

/** On the store's own disk, so that a finished out enters it by one rename. */
export function attemptsFolder(project: Project): string {
  return join(project.store.root, 'attempts');
}
