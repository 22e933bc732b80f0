import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { sha256 } from '../../base/digest.ts';
import type { Fault } from '../../base/fault.ts';
import { errnoOf } from '../../cache/errno.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Stage } from '../definition/types.ts';
import type { Project } from '../project/project.ts';

/**
 * Reads each bundle of a stage and compares it with the digest in the stage's key. A damaged one of the user is removed,
 * so that the next run builds it again. Faults: ERS_CODE_DAMAGED.
 */
export function damagedCode(project: Project, { name, program, place }: Stage): readonly Fault[] {
  if (program.type !== 'uses') return [];
  const { definition } = program;
  return Object.entries(bundlesOf(definition, dirname(project.dist))).flatMap(([part, file]) => {
    const state = stateOf(file, definition.code.bundles[part]);
    if (state === 'right') return [];
    const isOwn = definition.user !== undefined;
    if (isOwn) rmSync(file, { force: true });
    const at = relative(isOwn ? project.pipeline.root : dirname(project.dist), file);
    return {
      code: 'ERS_CODE_DAMAGED',
      message:
        state === 'gone'
          ? `${at}, to which ${name} was built, is gone; nothing was run.`
          : `${at} is not the code that ${name} was built to; nothing was run.`,
      place,
      hint: isOwn
        ? 'Run again: it is built again.'
        : `Remove ${join(dirname(project.dist), 'current.json')} and run again; install ers again if it was installed from npm.`,
    } satisfies Fault;
  });
}

/** Part (`run` or a worker) → file, absolute. */
export function bundlesOf(
  { bundle, workers }: Pick<BuiltStage, 'bundle' | 'workers'>,
  dist: string,
): Readonly<Record<string, string>> {
  const files = Object.entries({ ...workers, run: bundle });
  return Object.fromEntries(files.map(([part, file]) => [part, resolve(dist, file)]));
}

function stateOf(file: string, digest: string | undefined): 'right' | 'gone' | 'other' {
  try {
    return sha256(readFileSync(file)) === digest ? 'right' : 'other';
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return 'gone';
  }
}
