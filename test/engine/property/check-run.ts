import { expect } from 'vitest';
import type { EngineEvent, PlannedStage } from '../../../engine/events.ts';
import { plan, type PlanRequest } from '../../../engine/index.ts';
import { names, open, runOnce, type Ran } from '../pipelines.ts';
import type { RunDeed } from './deeds.ts';
import { evaluate, type Content, type Made } from './model.ts';
import { stageName, type Trees, type Workbench } from './workbench.ts';

/** What is known of a project beside its disk: the outs of every result that some run recorded, by the model's key. */
export type Recorded = Map<string, readonly Content[]>;

/** What a run is compared with. */
interface Before {
  readonly plan: ReadonlyMap<string, PlannedStage>;
  readonly oracle: readonly Made[];
  readonly trees: Trees;
  readonly shown: readonly (readonly (Content | undefined)[])[];
  readonly targets: ReadonlySet<string>;
}

/**
 * Plans, runs, and expects that the plan said what then happened, that nothing ran needlessly, that what is shown is
 * what a run from scratch makes, and that the same run once more does nothing.
 */
export async function planAndRun(bench: Workbench, deed: RunDeed, recorded: Recorded): Promise<void> {
  const { request, run } = requestOf(bench, deed);
  const oracle = evaluate(bench.shape, bench.world);
  const shown = shownNow(bench);
  const trees = bench.trees();
  const planned = await plan(open(bench.pipeline, bench), request);
  expect(await plan(open(bench.pipeline, bench), request)).toEqual(planned);
  const ran = await run();
  if (!planned.ok) {
    expect([...new Set(planned.faults.map(({ code }) => code))]).toEqual(['ERS_INPUT_MISSING']);
    expect(oracle.some(({ type }) => type === 'missing')).toBe(true);
    expect(ran.code).toBe(2);
    expect(started(ran).size).toBe(0);
    return;
  }
  const before: Before = {
    plan: new Map(planned.value.stages.map((stage) => [stage.stage, stage])),
    ...{
      oracle,
      trees,
      shown,
      targets: new Set(request.targets.length > 0 ? request.targets : bench.pipeline.default),
    },
  };
  checkPlan(bench, before);
  checkStages(bench, before, ran, recorded);
  checkShown(bench, before, ran);
  checkCode(bench, before, ran);
  remember(bench, oracle, ran, recorded);
  if (ran.code === 0) await checkNothingLeft(bench, request);
}

function requestOf(bench: Workbench, { targets, force, only, keepGoing, stopAt }: RunDeed) {
  const request: PlanRequest = {
    targets: names(...new Set(targets.map((at) => stageName(at % bench.shape.stages.length)))),
    ...{ force, only },
  };
  const run = () => {
    const stop = new AbortController();
    let seen = 0;
    const onEvent = ({ type }: EngineEvent) => {
      if (type !== 'stage-started' && type !== 'stage-finished') return;
      if (seen === stopAt) stop.abort();
      seen += 1;
    };
    const { pipeline, env } = bench;
    return runOnce(pipeline, { ...request, ...{ keepGoing, env, onEvent, jobs: 3, signal: stop.signal } });
  };
  return { request, run };
}

function started(ran: Ran): ReadonlySet<string> {
  return new Set(ran.events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : [])));
}

function above(bench: Workbench, at: number): readonly string[] {
  const { deps } = bench.shape.stages[at] ?? { deps: [] };
  return deps.flatMap((dep) => (dep.type === 'out' ? [stageName(dep.stage)] : []));
}

function below(bench: Workbench, at: number): readonly string[] {
  const all = bench.shape.stages.map((_, index) => index);
  return all.filter((index) => above(bench, index).includes(stageName(at))).map(stageName);
}

function shownNow(bench: Workbench): Before['shown'] {
  return bench.shape.stages.map(({ outs }, at) => outs.map((_, out) => bench.shown(at, out)));
}

/**
 * `maybe` stands only below a stage that will run, or beside one that may bring the same result; `recorded` never above
 * one that will run for certain.
 */
function checkPlan(bench: Workbench, before: Before): void {
  for (const [at] of bench.shape.stages.entries()) {
    const planned = before.plan.get(stageName(at));
    if (planned?.state === 'run' || planned?.state === 'maybe') expect(planned.reasons).not.toEqual([]);
    if (planned?.state === 'recorded') {
      expect(below(bench, at).map((name) => before.plan.get(name)?.state)).not.toContain('run');
    }
    if (planned?.state !== 'maybe') continue;
    const shared = planned.reasons.flatMap((reason) => (reason.type === 'shared' ? [reason.stage] : []));
    const states = [...above(bench, at), ...shared].map((name) => before.plan.get(name)?.state);
    expect(states.some((state) => state === 'run' || state === 'maybe')).toBe(true);
  }
}

/** Each stage did what its state said, and those that ran had to. */
function checkStages(bench: Workbench, before: Before, ran: Ran, recorded: Recorded): void {
  const ranStages = started(ran);
  expect(Object.keys(ran.outcomes).sort()).toEqual([...before.plan.keys()].sort());
  const troubled = ran.code !== 0;
  for (const [at] of bench.shape.stages.entries()) {
    const name = stageName(at);
    const [planned, outcome, made] = [before.plan.get(name), ran.outcomes[name], before.oracle[at]];
    if (planned === undefined || outcome === undefined) continue;
    const say = `${name}, planned ${planned.state}, ${outcome.type}`;
    if (outcome.type === 'skipped' || outcome.type === 'stopped') expect(troubled, say).toBe(true);
    if (outcome.type === 'failed') expect(made?.type, say).toMatch(/^(failed|missing)$/);
    if (outcome.type === 'made' || outcome.type === 'cached') expect(made?.type, say).toBe('made');
    if (planned.state === 'run' && !troubled) expect(outcome.type, say).toBe('made');
    if (planned.state === 'run' && ranStages.has(name)) {
      const event = ran.events.find((each) => each.type === 'stage-started' && each.stage === name);
      expect(event, say).toMatchObject({ reasons: planned.reasons });
    }
    if (planned.state === 'cached') expect(outcome.type, say).toMatch(/^(cached|skipped)$/);
    if (planned.state === 'maybe' && !troubled) expect(outcome.type, say).toMatch(/^(made|cached)$/);
    if (planned.state === 'recorded' && ranStages.has(name)) {
      const needing = below(bench, at).filter((each) =>
        ['run', 'maybe'].includes(before.plan.get(each)?.state ?? ''),
      );
      expect(needing, say).not.toEqual([]);
      if (!troubled)
        expect(
          needing.some((each) => ranStages.has(each)),
          say,
        ).toBe(true);
    }
    if (ranStages.has(name)) checkNeed(bench, at, before, ran, recorded);
  }
}

/** A stage that ran was forced, or had no result, or its bytes were damaged, or gone and asked for or read. */
function checkNeed(bench: Workbench, at: number, before: Before, ran: Ran, recorded: Recorded): void {
  const [planned, made] = [before.plan.get(stageName(at)), before.oracle[at]];
  if (made?.type !== 'made' || planned?.reasons.some(({ type }) => type === 'forced') === true) return;
  const { whole, damaged } = before.trees;
  const known = recorded.get(made.key);
  if (known === undefined) return;
  const gone = known.filter((content, out) => !whole.has(bench.treeOf(at, out, content)));
  expect(gone, `${stageName(at)} ran needlessly`).not.toEqual([]);
  if (damaged > 0 || before.targets.has(stageName(at))) return;
  const ranStages = started(ran);
  const all = bench.shape.stages.map((_, index) => index);
  const reading = all.filter(
    (index) =>
      above(bench, index).includes(stageName(at)) && wantedInputs(bench, index, before, ran, recorded),
  );
  expect(reading, `nobody read what ${stageName(at)} made`).not.toEqual([]);
}

/**
 * Whether a stage asked for what is above it: it ran, or was to run and something failed first. Or its own bytes were
 * gone and are back: it asked, and then found them among those that were made for it, so that it had not to run.
 */
function wantedInputs(bench: Workbench, at: number, before: Before, ran: Ran, recorded: Recorded): boolean {
  const outcome = ran.outcomes[stageName(at)];
  const made = before.oracle[at];
  if (outcome === undefined) return false;
  if (outcome.type !== 'cached') return true;
  const known = made?.type === 'made' ? recorded.get(made.key) : undefined;
  if (outcome.collected === true || known === undefined) return false;
  return known.some((content, out) => !before.trees.whole.has(bench.treeOf(at, out, content)));
}

/** What is shown is what a run from scratch makes, or, where this run brought nothing, what was shown before. */
function checkShown(bench: Workbench, before: Before, ran: Ran): void {
  for (const [at, { outs }] of bench.shape.stages.entries()) {
    const outcome = ran.outcomes[stageName(at)];
    const made = before.oracle[at];
    for (const out of outs.keys()) {
      const [now, was] = [bench.shown(at, out), before.shown[at]?.[out]];
      const right = made?.type === 'made' ? made.outs[out] : undefined;
      const say = `${stageName(at)} ${outcome?.type ?? 'not asked for'} shows o${out}`;
      const collected = outcome?.type === 'cached' && outcome.collected === true;
      if (outcome?.type === 'made' || (outcome?.type === 'cached' && !collected))
        expect(now, say).toEqual(right);
      else if (collected) expect([undefined, right], say).toContainEqual(now);
      else expect([was, right, undefined], say).toContainEqual(now);
    }
  }
}

/** 0 if and only if the model makes every stage that was asked for; 130 only after a stop. */
function checkCode(bench: Workbench, { oracle, plan: planned }: Before, ran: Ran): void {
  const asked = oracle.filter((_, at) => planned.has(stageName(at)));
  const right = asked.every(({ type }) => type === 'made') ? 0 : 1;
  if (ran.code !== 130) expect(ran.code).toBe(right);
}

function remember(bench: Workbench, oracle: readonly Made[], ran: Ran, recorded: Recorded): void {
  for (const [at, made] of oracle.entries()) {
    const outcome = ran.outcomes[stageName(at)];
    if (outcome?.type === 'made' && made.type === 'made') recorded.set(made.key, made.outs);
  }
}

async function checkNothingLeft(bench: Workbench, request: PlanRequest): Promise<void> {
  const again = { ...request, force: false };
  const planned = await plan(open(bench.pipeline, bench), again);
  const states = planned.ok ? planned.value.stages.map(({ state }) => state) : ['faults'];
  expect(states.filter((state) => state !== 'cached' && state !== 'recorded')).toEqual([]);
  const ran = await runOnce(bench.pipeline, { ...again, env: bench.env });
  expect(ran.code).toBe(0);
  expect([...started(ran)]).toEqual([]);
}
