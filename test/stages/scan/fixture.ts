import type { Static } from 'typebox';
import type { Fault } from '../../../base/fault.ts';
import { definition } from '../../../stages/scan/definition.ts';
import { run } from '../../../stages/scan/run.ts';
import { stageContext, type TrialOf } from '../context.ts';

export type ScanParams = Static<typeof definition.params>;
export type ScanTrial = TrialOf<typeof definition> & { readonly faults: readonly Fault[] };

export const params: ScanParams = {
  names: { images: 'images/{name}_{period}.png', masks: 'annotations/{name}_mask.png' },
  'image.channels': 3,
  classes: [
    { value: 0, name: 'water', colour: '#2f6fa8' },
    { value: 1, name: 'forest', colour: '#2f6b3a' },
  ],
};

/** Scans a folder with the usual names and two classes, changed as told. */
export async function scan(
  dataset: string,
  changes: Partial<ScanParams> = {},
  cores = 2,
): Promise<ScanTrial> {
  const trial = stageContext({ definition, params: { ...params, ...changes }, deps: { dataset }, cores });
  const result = await run(trial.context);
  return { ...trial, faults: result.ok ? [] : result.faults };
}
