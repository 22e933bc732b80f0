import { expect } from 'vitest';
import type { PlannedStage } from '../../engine/events.ts';
import { sayReason } from '../../engine/reasons.ts';
import { reasonsOf, type Project, type Told } from './project.ts';

/**
 * Asks `run --dry`, `status` and `why STAGE` first, then runs, and expects that all of them told what then happened:
 * what they called cached was not run, what was to run was run for the reasons they gave, and what they left open
 * was run or kept.
 */
export async function runAsPlanned(project: Project, ...args: readonly string[]): Promise<Told> {
  const settings = args.flatMap((arg, at) => (arg === '-S' ? [arg, args[at + 1] ?? ''] : []));
  const isWhole = args.length === settings.length;
  const before = { artifacts: project.artifacts(), records: project.records() };
  const dry = await project.dry(...args);
  if (isWhole) expect(await project.status(...settings)).toEqual(dry);
  const stages = Object.keys(dry);
  for (const stage of stages) {
    // Of what is cached one is enough.
    if (dry[stage] === 'cached' && stage !== stages.at(-1)) continue;
    const why = await project.ers(['why', stage, '--json', ...settings]);
    expect(why.code, why.err).toBe(0);
    const { state, reasons } = JSON.parse(why.out) as PlannedStage;
    expect([state, ...reasons.map(sayReason)].join('; '), `why ${stage}`).toBe(dry[stage]);
  }
  expect({ artifacts: project.artifacts(), records: project.records() }).toEqual(before);

  const told = await project.run(...args);
  expect(told.code, told.out + told.err).toBe(0);
  const [opened] = told.events;
  if (opened?.type !== 'run-started') throw new Error(`the run began with ${JSON.stringify(opened)}`);
  const planned = opened.stages.map(({ stage, state, reasons }) => [
    stage,
    [state, ...reasons.map(sayReason)].join('; '),
  ]);
  expect(Object.fromEntries(planned)).toEqual(dry);
  const started = reasonsOf(told);
  for (const { stage, state, reasons } of opened.stages) {
    const word = told.story[stage];
    if (state === 'cached')
      expect([stage, word]).toEqual([stage, expect.stringMatching(/^cached$|^restored$/)]);
    if (state === 'run') expect([stage, started[stage]]).toEqual([stage, reasons.map(sayReason)]);
    if (state === 'maybe') expect([stage, word]).toEqual([stage, expect.stringMatching(/^made$|^cached$/)]);
    expect(word === 'made', `${stage} ${word ?? ''}`).toBe(stage in started);
  }
  return told;
}
