import { FaultError } from '../base/fault.ts';
import { checkDeterminism, type DeterminismCheck } from '../engine/execution/check-determinism.ts';
import { plural, sayBytes } from '../ui/units.ts';
import { commandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { openHere, stagesNamed, type Where } from './open.ts';
import type { RunOptions } from './run-options.ts';
import { traceFor, watchRun } from './watch-run.ts';

/** `ers run --check-determinism STAGE`: exit code 0 if it, or each member of a matrix, makes the same bytes again, 1 if one does not. */
export async function checkCommand(
  name: string,
  others: readonly string[],
  options: RunOptions,
  io: Io,
  where: Where,
): Promise<number> {
  if (others.length > 0) {
    throw new FaultError({
      code: 'ERS_USAGE',
      message: `--check-determinism takes the one stage behind it, and got ${others.join(', ')} too.`,
      hint: `Check one after the other: ${commandLine(['run', '--check-determinism', ...others.slice(0, 1)], options)}`,
    });
  }
  const project = await openHere(options, io, where);
  const stages = stagesNamed([name], project.pipeline);
  const trace = await traceFor(options, io);
  let worst: number = exitCodes.ok;
  for (const stage of stages) {
    const { exitCode, compared } = await checkDeterminism(project, stage, (work) =>
      watchRun(options, io, {}, work, trace),
    );
    if (compared !== undefined) {
      if (options.json === true) io.out(JSON.stringify(resultLine(stage, compared)));
      else if (compared.difference === undefined) io.out(sayEqual(stage, compared));
    }
    worst = Math.max(worst, exitCode);
    if (exitCode === exitCodes.interrupted) break;
  }
  return worst;
}

type Compared = NonNullable<DeterminismCheck['compared']>;

function sizeOf({ outs }: Compared) {
  const all = Object.values(outs);
  return {
    files: all.reduce((sum, out) => sum + out.files, 0),
    bytes: all.reduce((sum, out) => sum + out.bytes, 0),
  };
}

/** The last line with `--json`; undefined members are left out. */
function resultLine(stage: string, compared: Compared) {
  const { key, difference } = compared;
  const equal = difference === undefined;
  return { type: 'determinism', stage, key, equal, difference, ...sizeOf(compared) };
}

function sayEqual(stage: string, compared: Compared): string {
  const { files, bytes } = sizeOf(compared);
  return `${stage} is deterministic here: ${plural(files, 'file')}, ${sayBytes(bytes)}, the same bytes twice`;
}
