import { expect } from 'vitest';
import type { EngineEvent } from '../../../engine/events.ts';
import { readExperiment } from '../../../engine/experiments/files.ts';
import type { Member } from '../../../engine/experiments/members.ts';
import { runExperiments, unitedProject, unitedStages } from '../../../engine/experiments/run.ts';
import { unite, type Union } from '../../../engine/experiments/union.ts';
import { plan } from '../../../engine/index.ts';
import { names, open } from '../pipelines.ts';
import { mayBeBrought } from './check-run.ts';
import type { RunDeed } from './deeds.ts';
import { evaluate, type World } from './model.ts';
import { stageName } from './sketch.ts';
import type { Workbench } from './workbench.ts';

/**
 * Runs the project as experiments, and expects that the plan of their union said what then happened, that each has the
 * results which a run from scratch makes with its values, and that nothing that is shown moved.
 */
export async function runExperimentsOf(
  bench: Workbench,
  { targets, force: isForced, only, keepGoing }: RunDeed,
  { key, values }: NonNullable<RunDeed['set']>,
): Promise<void> {
  const isCounting = bench.shape.stages.some(({ series }) => series !== undefined);
  // Two members may have one stage with one key; made anew for each, its newest result is only one's.
  if (bench.shape.stages.some(({ series, always }) => series !== undefined && always)) return;
  const force = isForced && !isCounting;
  const worlds = values.map((value): World => ({
    ...bench.world,
    params: { ...bench.world.params, [key]: value },
  }));
  const members = worlds.map(({ params }): Member => {
    const name = `${key}-${params[key]}`;
    return { name, overrides: { [key]: params[key] }, pipeline: bench.pipelineWith(params) };
  });
  const union = unite(members);
  const own = names(...new Set(targets.map((at) => stageName(at % bench.shape.stages.length))));
  const project = open(bench.pipeline, bench);
  const request = { force, only };
  const asked = { ...request, targets: unitedStages(union, own) };
  const planned = await plan(unitedProject(project, members, union), asked);
  const before = shownNow(bench);
  const go = async (anew: boolean) => {
    const events: EngineEvent[] = [];
    const end = await runExperiments(
      open(bench.pipeline, bench),
      members,
      { ...request, force: anew, targets: own, keepGoing, config: null },
      {
        ...{ emit: (event: EngineEvent) => void events.push(event), signal: new AbortController().signal },
        ...{ jobs: 3, cores: 1 },
      },
    );
    const started = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));
    // Of two members whose inputs turn out equal, one makes the stage for both.
    const shared = events.flatMap((event) =>
      event.type === 'stage-finished' && event.outcome.type === 'cached' && event.outcome.just?.by === 'stage'
        ? [event.stage]
        : [],
    );
    return { ...end, events, started, shared };
  };
  const ran = await go(force);
  bench.hasRun = true;
  expect(shownNow(bench)).toEqual(before);
  if (!planned.ok) {
    expect(ran).toMatchObject({ exitCode: 2, started: [] });
    return;
  }
  for (const { stage, state, reasons } of planned.value.stages) {
    const say = `${stage}, planned ${state}`;
    if (state === 'frozen' || (state === 'cached' && !isCounting))
      expect(ran.started, say).not.toContain(stage);
    const runs = state === 'run' && !mayBeBrought({ stage, state, reasons }) && !ran.shared.includes(stage);
    if (runs && ran.exitCode === 0) expect(ran.started, say).toContain(stage);
  }
  for (const [at, world] of worlds.entries())
    learnMember(bench, world, { union, at, name: members[at]?.name ?? '' }, ran);
  if (ran.exitCode !== 0) return;
  const again = await go(false);
  expect(again.exitCode).toBe(0);
  if (bench.shape.stages.some(({ always }) => always)) {
    for (const [at, world] of worlds.entries())
      learnMember(bench, world, { union, at, name: members[at]?.name ?? '' }, again);
  } else expect(again.started).toEqual([]);
  expect(shownNow(bench)).toEqual(before);
}

interface MemberOf {
  readonly union: Union;
  readonly at: number;
  readonly name: string;
}

/** Every stage that the run has come to holds what the model says, and stands in the experiment's file. */
function learnMember(
  bench: Workbench,
  world: World,
  { union, at, name }: MemberOf,
  { events }: { readonly events: readonly EngineEvent[] },
): void {
  bench.depot.look();
  const { shape, ledger } = bench;
  const project = open(bench.pipeline, bench);
  const finished = events.flatMap((event) => (event.type === 'stage-finished' ? [event] : []));
  for (const [index, stage] of shape.stages.entries()) {
    const own = stageName(index);
    const united = union.stages[at]?.get(own) ?? own;
    const outcome = finished.findLast((event) => event.stage === united)?.outcome;
    const counted = evaluate(shape, world, ledger.countOf)[index];
    if (outcome?.type === 'failed' && counted?.type === 'made' && !bench.isFrozen(index)) {
      expect(outcome, `${name} ${own}`).toMatchObject({ type: 'made' });
    }
    if (outcome?.type !== 'made' && outcome?.type !== 'cached') continue;
    expect(counted?.type, `${name} ${own}`).toBe('made');
    const experiment = readExperiment(project, name);
    // Nothing is written where nothing started and there was none.
    const digest = experiment.ok ? experiment.value.stages[own]?.key : undefined;
    if (counted?.type !== 'made' || digest == null) continue;
    const outs = bench.outsOf(index, project.store.record(digest));
    if (outs === undefined) throw new Error(`${name} ${own}: no record of ${digest}`);
    if (stage.series !== undefined) ledger.count(stage, counted, outs);
    const made = evaluate(shape, world, ledger.countOf)[index];
    if (made?.type !== 'made') continue;
    expect(outs, `${name} ${own}`).toEqual(made.outs);
    bench.record(index, made, digest);
    if (outcome.type === 'made') ledger.madeFor(united, made.key);
  }
}

/** Where the links of `artifacts/` lead, and the results in use. */
function shownNow(bench: Workbench) {
  return bench.shape.stages.map(({ outs }, at) => ({
    current: bench.currentDigest(at),
    outs: outs.map((_, out) => bench.leadsTo(at, out)),
  }));
}
