import { waitForCollecting } from '../../cache/collecting.ts';
import { announceRun, sweepDeadRuns, type Announcement } from '../../cache/live-runs.ts';
import { errnoOf } from '../../cache/errno.ts';
import { writeWholeStages } from '../../cache/project-needs.ts';
import { registerProject } from '../../cache/projects.ts';
import type { Store } from '../../cache/types.ts';
import { sweepProject } from './housekeeping.ts';
import type { Pipeline } from '../definition/types.ts';
import type { Project } from './project.ts';

/** A project whose store is told what a run relies on, so that `gc` beside it leaves that alone. */
export interface Presence {
  readonly project: Project;
  readonly leave: () => void;
}

/**
 * Registers the project in its store and announces the run: each key before its record is looked at, and each out
 * before it is stored. `onProblem` gets a sentence if the system refuses; the run goes on.
 */
export function enterStore(project: Project, id: string, onProblem: (text: string) => void): Presence {
  const { store, pipeline } = project;
  if (store.readOnly) return { project, leave: () => undefined };
  let broken = false;
  const attempt = <T>(work: () => T): T | undefined => {
    if (broken) return undefined;
    try {
      return work();
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      broken = true;
      onProblem(
        `this run cannot be announced in the store ${store.root} (${errnoOf(error) ?? ''}): run no ers gc beside it`,
      );
      return undefined;
    }
  };
  const announced = attempt(() => {
    registerProject(store.root, pipeline.root);
    writeWholeStages(pipeline.root, wholeStages(pipeline));
    if (sweepDeadRuns(store.root)) sweepProject(project);
    return announceRun(store.root, id);
  });
  if (announced === undefined) return { project, leave: () => undefined };
  const tell = (work: (announcement: Announcement) => void): void => {
    attempt(() => work(announced));
    attempt(() => waitForCollecting(store.root));
  };
  return { project: { ...project, store: telling(store, tell) }, leave: () => announced.leave() };
}

function wholeStages({ stages }: Pipeline): readonly string[] {
  const whole = [...stages.values()].filter(({ keep }) => keep === 'all');
  return [
    ...new Set(whole.flatMap(({ name, member }) => (member === undefined ? [name] : [name, member.of]))),
  ];
}

function telling(store: Store, tell: (work: (announcement: Announcement) => void) => void): Store {
  return {
    ...store,
    record: (key) => {
      tell((run) => run.relyOn(key));
      return store.record(key);
    },
    adopt: async (outs, watch) => {
      tell((run) => run.storing());
      try {
        return await store.adopt(outs, watch);
      } catch (error) {
        tell((run) => run.stored());
        throw error;
      }
    },
    commit: (record) => {
      try {
        store.commit(record);
      } finally {
        tell((run) => run.stored());
      }
    },
  };
}
