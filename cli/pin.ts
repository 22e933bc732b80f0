import type { Json } from '../base/canonical.ts';
import { short, type Digest } from '../base/digest.ts';
import { registerProject } from '../cache/projects.ts';
import { experimentNames } from '../engine/experiments/files.ts';
import type { Project } from '../engine/index.ts';
import { isPinned, pin, pinnedAs, unpin } from '../engine/project/pins.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { chooseRecords } from './choose-record.ts';
import { allRecords, type KnownRecord } from './records.ts';

/** `ers pin STAGE[@RECORD]` and `ers unpin`: whether `ers gc` has to keep a result; of a matrix each member's. */
export function pinCommand(
  wanted: 'pin' | 'unpin',
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const gone = wanted === 'unpin' ? forgotten(name, project) : undefined;
    const chosen = gone === undefined ? chooseRecords(name, project) : [gone];
    const done: Pinned[] = [];
    for (const known of chosen) {
      done.push(wanted === 'pin' ? await pinOne(project, known, name) : unpinOne(project, known));
    }
    if (options.json === true) {
      const [first, ...others] = done.map(({ json }) => json);
      io.out(JSON.stringify(others.length === 0 ? first : { stages: [first, ...others] }, undefined, 2));
    } else for (const { sentence } of done) io.out(sentence);
    return exitCodes.ok;
  });
}

/** What was done with one result. */
interface Pinned {
  readonly sentence: string;
  readonly json: Readonly<Record<string, Json>>;
}

/** `name`: what the user wrote, by which it is found again when its experiment is gone. */
async function pinOne(project: Project, { record, stage }: KnownRecord, name: string): Promise<Pinned> {
  if (!project.store.readOnly) registerProject(project.store.root, project.pipeline.root);
  pin(project, record.key, name);
  const states = await Promise.all(Object.values(record.outs).map((out) => project.store.check(out)));
  const intact = states.every(({ state }) => state === 'intact');
  return {
    sentence: intact
      ? `${shownAs(stage, record.key)} is pinned: ers gc keeps it`
      : `${shownAs(stage, record.key)} is pinned, but its bytes are not there: a run with its parameters makes them again`,
    json: { stage, key: record.key, pinned: true, intact },
  };
}

function unpinOne(project: Project, { record, stage }: KnownRecord): Pinned {
  const was = isPinned(project, record.key);
  unpin(project, record.key);
  return {
    sentence: `${shownAs(stage, record.key)} ${was ? 'is no longer' : 'was not'} pinned`,
    json: { stage, key: record.key, pinned: false },
  };
}

function shownAs(stage: string, key: Digest): string {
  return `${stage}@${short(key).slice(0, 8)}`;
}

/** The one result that was pinned by the name of an experiment that is there no more. */
function forgotten(name: string, project: Project): KnownRecord | undefined {
  const [key, ...others] = pinnedAs(project, name);
  const isThere = experimentNames(project).some((experiment) => name.endsWith(`@${experiment}`));
  if (key === undefined || others.length > 0 || isThere || !name.includes('@')) return undefined;
  return allRecords(project).find(({ record }) => record.key === key);
}
