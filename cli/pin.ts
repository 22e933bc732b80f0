import { short } from '../base/digest.ts';
import { registerProject } from '../cache/projects.ts';
import { experimentNames } from '../engine/experiments/files.ts';
import type { Project } from '../engine/index.ts';
import { isPinned, pin, pinnedAs, unpin } from '../engine/project/pins.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { chooseRecord } from './choose-record.ts';
import { allRecords, type KnownRecord } from './records.ts';

/** `ers pin STAGE[@RECORD]` and `ers unpin`: whether `ers gc` has to keep a result. */
export function pinCommand(
  wanted: 'pin' | 'unpin',
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const { record, stage } =
      (wanted === 'unpin' ? forgotten(name, project) : undefined) ?? chooseRecord(name, project);
    const shown = `${stage}@${short(record.key).slice(0, 8)}`;
    const was = isPinned(project, record.key);
    const say = (sentence: string, there: { readonly intact?: boolean } = {}): number => {
      const pinned = wanted === 'pin';
      if (options.json === true) {
        io.out(JSON.stringify({ stage, key: record.key, pinned, ...there }, undefined, 2));
      } else io.out(sentence);
      return exitCodes.ok;
    };
    if (wanted === 'unpin') {
      unpin(project, record.key);
      return say(was ? `${shown} is no longer pinned` : `${shown} was not pinned`);
    }
    if (!project.store.readOnly) registerProject(project.store.root, project.pipeline.root);
    pin(project, record.key, name);
    const states = await Promise.all(Object.values(record.outs).map((out) => project.store.check(out)));
    const gone = states.some(({ state }) => state !== 'intact');
    return say(
      gone
        ? `${shown} is pinned, but its bytes are not there: a run with its parameters makes them again`
        : `${shown} is pinned: ers gc keeps it`,
      { intact: !gone },
    );
  });
}

/** The one result that was pinned by the name of an experiment that is there no more. */
function forgotten(name: string, project: Project): KnownRecord | undefined {
  const [key, ...others] = pinnedAs(project, name);
  const isThere = experimentNames(project).some((experiment) => name.endsWith(`@${experiment}`));
  if (key === undefined || others.length > 0 || isThere || !name.includes('@')) return undefined;
  return allRecords(project).find(({ record }) => record.key === key);
}
