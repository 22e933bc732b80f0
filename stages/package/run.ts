import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, settle, type Result } from '../../base/fault.ts';
import type { StageReport, StageRun } from '../../engine/stage.ts';
import { modelOptions, readModelFolder, weightsFile, writeModelJson } from '../../nn/weights/model-folder.ts';
import { inferenceModel, writeSavedModel } from '../../nn/weights/saved-model.ts';
import { rowOfModel } from '../model-classes.ts';
import type { definition } from './definition.ts';

/** Of package.json; the build puts it in, so that it is part of the stage's key. */
declare const ERS_VERSION: string;

/**
 * Names and colours of classes come in here and not where the weights are made, so that a new colour trains nothing anew.
 * Needs no TensorFlow: the graph is written down, not run.
 */
export const run: StageRun<typeof definition> = ({ deps, outs, params }) =>
  settle(async (): Promise<StageReport> => {
    const { model, state } = unwrap(await readModelFolder(deps.model));
    const classes = model.classes.map(({ value, train }) => {
      const { name, colour } = rowOfModel(params.classes, value);
      return { value, train, name, colour };
    });
    const trained = classes.filter(({ train }) => train !== null);
    const values = trained.sort((a, b) => (a.train ?? 0) - (b.train ?? 0)).map(({ value }) => value);
    await copyFile(join(deps.model, weightsFile), join(outs.model, weightsFile));
    const bytes = inferenceModel(modelOptions(model), state, values);
    await writeSavedModel(join(outs.model, 'saved_model'), bytes);
    await writeModelJson(outs.model, { ...model, classes, ers: ERS_VERSION });
    return { status: 'done' };
  });

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new FaultError(...result.faults);
  return result.value;
}
