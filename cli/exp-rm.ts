import { FaultError, type Fault } from '../base/fault.ts';
import { didYouMean } from '../base/suggest.ts';
import { stateOf, type Experiment } from '../engine/experiments/experiment.ts';
import { experimentNames, findExperiment, removeExperiment } from '../engine/experiments/files.ts';
import { plural } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';

export interface ExpRmOptions extends PipelineOptions {
  readonly all?: true;
  readonly allFailed?: true;
  readonly allStopped?: true;
  readonly json?: true;
}

/** `ers exp rm`: forgets experiments; their results stay until `ers gc`. All names are right, or none is removed. */
export function expRmCommand(
  names: readonly string[],
  options: ExpRmOptions,
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const there = experimentNames(project).map((name) => {
      const found = findExperiment(project, name);
      return { name, state: found === undefined ? undefined : stateOf(found) };
    });
    const isWide = options.all === true || options.allFailed === true || options.allStopped === true;
    if (names.length === 0 && !isWide) throw new FaultError(nothingNamed);
    const faults = names.flatMap((name) => wrongName(name, there));
    if (faults.length > 0) throw new FaultError(...faults);
    // One that runs would write its file again.
    const asked = ({ name, state }: Known): boolean =>
      names.includes(name) ||
      (options.all === true && state !== 'running') ||
      (options.allFailed === true && state === 'failed') ||
      (options.allStopped === true && state === 'stopped');
    const removed = there.filter(asked).map(({ name }) => name);
    for (const name of removed) removeExperiment(project, name);
    if (options.json === true) io.out(JSON.stringify({ removed }, undefined, 2));
    else if (removed.length === 0) io.out('There was none to forget');
    else
      io.out(
        `${plural(removed.length, 'experiment')} forgotten: ${removed.join(', ')}. ${removed.length === 1 ? 'Its' : 'Their'} results stay until ers gc`,
      );
    return exitCodes.ok;
  });
}

interface Known {
  readonly name: string;
  /** Undefined where the file is damaged. */
  readonly state: Experiment['status'] | undefined;
}

const nothingNamed: Fault = {
  code: 'ERS_USAGE',
  message: 'No experiment is named.',
  hint: 'Name some, or give --all-failed, --all-stopped or --all.',
};

function wrongName(name: string, there: readonly Known[]): readonly Fault[] {
  const known = there.find((each) => each.name === name);
  if (known === undefined) {
    const message = `There is no experiment \`${name}\`.`;
    return [
      {
        code: 'ERS_USAGE',
        message,
        ...didYouMean(
          name,
          there.map((each) => each.name),
        ),
      },
    ];
  }
  if (known.state !== 'running') return [];
  const hint = 'Stop that run first.';
  return [{ code: 'ERS_USAGE', message: `The experiment \`${name}\` is running.`, hint }];
}
