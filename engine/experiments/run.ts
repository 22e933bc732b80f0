import type { StageName } from '../definition/types.ts';
import { experimentsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { RunIo } from '../execution/io.ts';
import { run, type RunRequest } from '../execution/run.ts';
import { sayUnwritten } from '../project/unwritten.ts';
import type { Experiment } from './experiment.ts';
import { gitState } from './git.ts';
import type { Member } from './members.ts';
import { Recorder } from './recorder.ts';
import { unite, type Union } from './union.ts';

export interface ExperimentsRequest extends Omit<RunRequest, 'targets'> {
  /** The pipeline's own stages; none: its default. */
  readonly targets: readonly StageName[];
  /** Config file of `--config`, relative to the project. */
  readonly config: string | null;
}

export interface ExperimentsEnd {
  readonly exitCode: number;
  /** Name and outcome of each, in the order in which they were asked for. */
  readonly ended: readonly { readonly name: string; readonly status: Experiment['status'] }[];
}

/** The project with the union of the members as its pipeline; to plan, and to run if something takes the results. */
export function unitedProject(project: Project, members: readonly Member[], union: Union): Project {
  return {
    ...project,
    pipeline: union.pipeline,
    experiments: {
      names: members.map(({ name }) => name),
      own: union.own,
      took: () => undefined,
      settle: () => undefined,
    },
  };
}

/** The stages of the union that stand for the pipeline's own ones, of all members. */
export function unitedStages(union: Union, names: readonly StageName[]): readonly StageName[] {
  return [...new Set(names.flatMap((own) => union.stages.flatMap((stages) => stages.get(own) ?? [])))];
}

/**
 * Runs all members as one pipeline, in which stages of equal definition stand once, and keeps their files. Where one of
 * several members fails, the others go on. Exit code and events as of `run`.
 */
export async function runExperiments(
  project: Project,
  members: readonly Member[],
  request: ExperimentsRequest,
  io: RunIo,
): Promise<ExperimentsEnd> {
  const union = unite(members);
  // Who stops the run meanwhile does not wait for it: without a stage that starts nothing is written.
  const git = await gitState(project.pipeline.root, project.env, io.signal);
  const { config, targets } = request;
  const recorder = new Recorder(project, members, union, { config, targets, git });
  const united = unitedProject(project, members, union);
  const exitCode = await run(
    {
      ...united,
      experiments: {
        names: members.map(({ name }) => name),
        own: union.own,
        took: (stage, record) => recorder.took(stage, record),
        settle: () => recorder.settle(),
      },
    },
    {
      ...request,
      targets: unitedStages(union, targets),
      keepGoing: request.keepGoing === true || members.length > 1,
    },
    {
      ...io,
      emit: (event) => {
        io.emit(event);
        const problem = sayUnwritten(project.pipeline.root, experimentsFolder(project), () =>
          recorder.follow(event),
        );
        if (problem !== undefined) io.emit({ type: 'notice', level: 'warning', text: problem });
      },
    },
  );
  return {
    exitCode,
    ended: members.map(({ name }, at) => ({ name, status: recorder.status(at) })),
  };
}
