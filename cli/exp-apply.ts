import { chmodSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { FaultError, type Fault, type Place } from '../base/fault.ts';
import { configFile } from '../engine/definition/config-file.ts';
import { loadPipeline } from '../engine/definition/load.ts';
import type { StageName } from '../engine/definition/types.ts';
import { editYaml } from '../engine/experiments/edit-yaml.ts';
import { readExperiment } from '../engine/experiments/files.ts';
import { asOptions } from '../engine/experiments/sweep.ts';
import { writeWhole } from '../cache/state-file.ts';
import { plan } from '../engine/index.ts';
import { sayPlanCount } from '../ui/say.ts';
import { commandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openAs, openHere, whatToLoad, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { planLines } from './plan-lines.ts';

/** `ers exp apply NAME`: writes an experiment's overrides into the config, and says what a plain run would do then. */
export function expApplyCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const before = await openHere(options, io, where);
    const { overrides, config, targets } = orThrow(readExperiment(before, name));
    const own = config === null ? {} : { config: relative(io.cwd, resolve(before.pipeline.root, config)) };
    const plain = { ...own, ...options };
    const what = whatToLoad(plain, io, where);
    // A key that is gone, or a value that is none any more, is told before anything is written.
    orThrow(await loadPipeline({ ...what, set: asOptions(overrides) }));
    const file = orThrow(configFile(what));
    const path = realpathSync(resolve(io.cwd, file));
    const text = readFileSync(path, 'utf8');
    const edited = orThrow(editYaml(text, overrides, file));
    const after = await loadPipeline({ ...what, set: [], configText: edited });
    if (!after.ok) {
      const show = before.commandLine('exp', 'show', name);
      throw new FaultError(...refused(after.faults, { name, file, text, edited, show }));
    }
    const project = openAs(after.value, options, io, where);
    if (edited !== text) replaceWhole(path, text, edited, file);
    const named = targets.filter((stage) => project.pipeline.stages.has(stage as StageName)) as StageName[];
    const { stages } = orThrow(await plan(project, { targets: named, force: false, only: false }));
    if (options.json === true) {
      io.out(JSON.stringify({ file, changed: edited !== text, overrides, stages }, undefined, 2));
      return exitCodes.ok;
    }
    const keys = Object.keys(overrides).join(', ');
    if (keys === '') io.out(`${name} overrides nothing: ${file} stays as it is`);
    else
      io.out(
        edited === text ? `${file} has the values of ${name} already` : `${file}: ${keys} set as in ${name}`,
      );
    const isCached = stages.every(({ state }) => state === 'cached' || state === 'recorded');
    if (!isCached) for (const line of planLines(stages, io.paint, plain)) io.out(line);
    io.out(
      `Next: ${commandLine(['run', ...named], plain)} (${sayPlanCount(stages)})${isCached ? ', which only shows the results in artifacts/' : ''}`,
    );
    return exitCodes.ok;
  });
}

/**
 * What ers would say of the config with these values, and that it was not written: as lines of the file, the values may not fit
 * others that stood aside as options, or make keys of it do nothing.
 */
function refused(
  faults: readonly Fault[],
  { name, file, text, edited, show }: Readonly<Record<'name' | 'file' | 'text' | 'edited' | 'show', string>>,
): readonly Fault[] {
  const isMoved = edited.split('\n').length !== text.split('\n').length;
  // The file on the disk has other lines then.
  const placed = (place: Place | undefined) => (isMoved && place?.file === file ? { file } : place);
  const told = faults.map(({ place, also, ...fault }) => {
    const [there, beside] = [placed(place), placed(also)];
    return {
      ...fault,
      ...(there === undefined ? {} : { place: there }),
      ...(beside === undefined ? {} : { also: beside }),
    };
  });
  return [
    ...told,
    {
      code: 'ERS_USAGE',
      message: `${file} would be refused with the values of ${name}; nothing was written.`,
      hint: `Take the keys named above out of ${file} by hand, then apply again. If ${name} sets one of them itself, write its other values by hand: ${show}`,
    },
  ];
}

/** Throws `FaultError` if the file is no longer what was read. Its mode stays. */
function replaceWhole(path: string, before: string, after: string, shown: string): void {
  const { mode } = statSync(path);
  if (readFileSync(path, 'utf8') !== before) {
    throw new FaultError({
      code: 'ERS_USAGE',
      message: `${shown} changed this moment; nothing was written.`,
      place: { file: shown },
      hint: 'Save what you are editing there, then apply again.',
    });
  }
  writeWhole(path, after);
  chmodSync(path, mode);
}
