import { expect } from 'vitest';
import type { EngineEvent, PlannedStage } from '../../../engine/events.ts';
import { plan, type PlanRequest } from '../../../engine/index.ts';
import { names, open, runOnce, type Ran } from '../pipelines.ts';
import type { RunDeed } from './deeds.ts';
import type { Trees } from './depot.ts';
import { above, below, withAbove, withBelow } from './graph.ts';
import { learn } from './learn.ts';
import type { Ledger } from './ledger.ts';
import { evaluate, type Content, type Made } from './model.ts';
import { stageName } from './sketch.ts';
import { mine, type Workbench } from './workbench.ts';

/** What a run is compared with: what was there before it. */
interface Before {
  readonly plan: ReadonlyMap<string, PlannedStage>;
  readonly ledger: Ledger;
  readonly trees: Trees;
  readonly shown: readonly (readonly (Content | undefined)[])[];
  readonly targets: ReadonlySet<string>;
  readonly frozenInNeed: readonly string[];
}

/** And what the model says of it now, after the run. */
type After = Before & { readonly oracle: readonly Made[] };

/**
 * Plans, runs, and expects that the plan said what then happened, that nothing ran needlessly, that what is shown is
 * what a run from scratch makes, and that the same run once more does nothing.
 */
export async function planAndRun(bench: Workbench, deed: RunDeed): Promise<void> {
  const { request, run } = requestOf(bench, deed);
  if (deed.killedAt !== undefined) await runKilled(bench, request, deed.killedAt);
  const [shown, trees] = [shownNow(bench), bench.depot.look()];
  const planned = await plan(open(bench.pipeline, bench), request);
  expect(await plan(open(bench.pipeline, bench), request)).toEqual(planned);
  const before = { shown, trees, ledger: bench.ledger.copy() };
  const ran = await run();
  bench.hasRun = true;
  if (!planned.ok) {
    const oracle = evaluate(bench.shape, bench.world, bench.ledger.countOf);
    for (const { code } of planned.faults) {
      expect(code).toMatch(/^ERS_(INPUT_MISSING|FROZEN)$/);
      if (code === 'ERS_INPUT_MISSING') expect(oracle.some(({ type }) => type === 'missing')).toBe(true);
      else expect(frozenInNeed(bench, request, before)).not.toEqual([]);
    }
    expect(ran.code).toBe(2);
    expect(started(ran).size).toBe(0);
    return;
  }
  checkRan(bench, request, ran, {
    ...before,
    plan: new Map(planned.value.stages.map((stage) => [stage.stage, stage])),
    frozenInNeed: frozenInNeed(bench, request, before),
    targets: new Set(request.targets.length > 0 ? request.targets : bench.pipeline.default),
  });
  if (ran.code === 0) await checkNothingLeft(bench, request);
}

/** Whatever it had come to, nothing is shown but what was there and what is to be there. */
async function runKilled(bench: Workbench, request: PlanRequest, at: string): Promise<void> {
  const was = shownNow(bench);
  await bench.engine.run(bench.pipeline, at, 'run', { request, env: bench.env });
  bench.hasRun = true;
  bench.ledger.isComplete = false;
  const oracle = evaluate(bench.shape, bench.world, bench.ledger.countOf);
  if (bench.shape.stages.some(({ series }) => series !== undefined)) return;
  for (const [stage, outs] of shownNow(bench).entries()) {
    const made = oracle[stage];
    for (const [out, now] of outs.entries()) {
      const right = made?.type === 'made' ? made.outs[out] : undefined;
      expect([was[stage]?.[out], right, undefined], `${stageName(stage)} after a kill`).toContainEqual(now);
    }
  }
}

function checkRan(bench: Workbench, request: PlanRequest, ran: Ran, before: Before): void {
  const oracle = learn(bench, ran);
  checkPlan(bench, before, request);
  checkStages(bench, { ...before, oracle }, ran);
  checkShown(bench, { ...before, oracle }, ran);
  checkCode(bench, { ...before, oracle }, ran);
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

/** The frozen stages that cannot stand for themselves: they are to be made anew, or lack their bytes. */
function frozenInNeed(
  bench: Workbench,
  { targets, force }: PlanRequest,
  { trees: { whole }, ledger }: Pick<Before, 'trees' | 'ledger'>,
): readonly string[] {
  const forced: ReadonlySet<string> = new Set(force ? targets : []);
  const { default: usual } = bench.pipeline;
  return bench.world.frozen.flatMap((result, at) => {
    const name = stageName(at);
    if (result === undefined) return [];
    const isForced =
      forced.has(name) || (force && targets.length === 0 && usual.some((each) => each === name));
    const isWhole = ledger.treesOf(result.key)?.every((tree) => whole.has(tree)) === true;
    return isForced || !isWhole ? [name] : [];
  });
}

function shownNow(bench: Workbench): Before['shown'] {
  return bench.shape.stages.map(({ outs }, at) => outs.map((_, out) => bench.shown(at, out)));
}

/**
 * `maybe` stands only below a stage that will run, or beside one that may bring the same result; `recorded` never above
 * one that will run for certain.
 */
function checkPlan(bench: Workbench, before: Before, { force }: PlanRequest): void {
  if (!force) expect([...before.plan.keys()].sort()).toEqual([...withAbove(bench, before.targets)].sort());
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

/**
 * Below stages that are made again for their bytes and bring others, a chain of all that these settle anew. Nobody can
 * foresee that.
 */
function unsettled(bench: Workbench, before: Before, ran: Ran): ReadonlySet<string> {
  const ranStages = started(ran);
  const moved = new Set<string>();
  const sources = new Set<string>();
  for (const [at, { series }] of bench.shape.stages.entries()) {
    const name = stageName(at);
    if (above(bench, at).some((each) => moved.has(each) || sources.has(each))) moved.add(name);
    const wasRecorded = before.plan.get(name)?.state === 'recorded';
    if (series !== undefined && wasRecorded && ranStages.has(name)) sources.add(name);
  }
  return moved;
}

/** Bytes that are gone may come back while it waits for its turn: another stage makes just these. */
export function mayBeBrought({ reasons }: PlannedStage): boolean {
  return reasons.some(({ type }) => ['artifact-damaged', 'artifact-missing', 'needed-by'].includes(type));
}

/** Each stage did what its state said, and those that ran had to. */
function checkStages(bench: Workbench, before: After, ran: Ran): void {
  const ranStages = started(ran);
  const moved = unsettled(bench, before, ran);
  expect(Object.keys(ran.outcomes).sort()).toEqual([...before.plan.keys()].sort());
  const troubled = ran.code !== 0;
  for (const [at] of bench.shape.stages.entries()) {
    const name = stageName(at);
    const [planned, outcome, made] = [before.plan.get(name), ran.outcomes[name], before.oracle[at]];
    if (planned === undefined || outcome === undefined) continue;
    const say = `${name}, planned ${planned.state}, ${outcome.type}`;
    if (outcome.type === 'skipped' || outcome.type === 'stopped') expect(troubled, say).toBe(true);
    if (planned.state === 'frozen') {
      expect(bench.isFrozen(at), say).toBe(true);
      expect(outcome.type, say).toMatch(/^(cached|failed)$/);
      expect(ranStages.has(name), say).toBe(false);
      if (outcome.type === 'failed') expect(before.frozenInNeed, say).toContain(name);
      continue;
    }
    if (outcome.type === 'failed') expect(made?.type, say).toMatch(/^(failed|missing)$/);
    if (outcome.type === 'made' || outcome.type === 'cached') expect(made?.type, say).toBe('made');
    const isAlone = ranStages.size === (ranStages.has(name) ? 1 : 0);
    // Of two stages whose inputs turn out equal, one is made for both.
    const shared = outcome.type === 'cached' && outcome.just?.by === 'stage';
    if (planned.state === 'run' && !troubled && !shared && (isAlone || !mayBeBrought(planned))) {
      expect(outcome.type, say).toBe('made');
    }
    if (planned.state === 'run' && ranStages.has(name)) {
      const event = ran.events.find((each) => each.type === 'stage-started' && each.stage === name);
      expect(event, say).toMatchObject({ reasons: planned.reasons });
    }
    if (planned.state === 'cached' && !moved.has(name))
      expect(outcome.type, say).toMatch(/^(cached|skipped)$/);
    if (planned.state === 'maybe' && !troubled) expect(outcome.type, say).toMatch(/^(made|cached)$/);
    if (planned.state === 'recorded' && ranStages.has(name) && !moved.has(name)) {
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
    if (ranStages.has(name)) checkNeed(bench, at, before, ran);
  }
}

/** A stage that ran does so always, was forced, or had no result, or its bytes were damaged, or gone and asked for or read. */
function checkNeed(bench: Workbench, at: number, before: After, ran: Ran): void {
  const [planned, made] = [before.plan.get(stageName(at)), before.oracle[at]];
  if (bench.shape.stages[at]?.always === true) return;
  if (made?.type !== 'made' || planned?.reasons.some(({ type }) => type === 'forced') === true) return;
  const { whole, damaged } = before.trees;
  const known = before.ledger.treesOf(made.key);
  if (known === undefined) return;
  const gone = known.filter((tree) => !whole.has(tree));
  expect(gone, `${stageName(at)} ran needlessly`).not.toEqual([]);
  if (
    damaged > 0 ||
    before.targets.has(stageName(at)) ||
    gone.some((tree) => bench.depot.hasLostList(tree))
  ) {
    return;
  }
  const all = bench.shape.stages.map((_, index) => index);
  const reading = all.filter(
    (index) => above(bench, index).includes(stageName(at)) && wantedInputs(bench, index, before, ran),
  );
  expect(reading, `nobody read what ${stageName(at)} made`).not.toEqual([]);
}

/**
 * Whether a stage asked for what is above it: it ran, or was to run and something failed first. Or its own bytes were
 * gone and are back: it asked, and then found them among those that were made for it, so that it had not to run.
 */
function wantedInputs(bench: Workbench, at: number, before: After, ran: Ran): boolean {
  const outcome = ran.outcomes[stageName(at)];
  const made = before.oracle[at];
  if (outcome === undefined) return false;
  if (outcome.type !== 'cached') return true;
  const known = made?.type === 'made' ? before.ledger.treesOf(made.key) : undefined;
  if (outcome.collected === true || known === undefined) return false;
  return known.some((tree) => !before.trees.whole.has(tree));
}

/** What is shown is what a run from scratch makes, or, where this run brought nothing, what was shown before. */
function checkShown(bench: Workbench, before: After, ran: Ran): void {
  for (const [at, { outs }] of bench.shape.stages.entries()) {
    const outcome = ran.outcomes[stageName(at)];
    const made = before.oracle[at];
    for (const out of outs.keys()) {
      const [now, was] = [bench.shown(at, out), before.shown[at]?.[out]];
      const right = made?.type === 'made' ? made.outs[out] : undefined;
      const say = `${stageName(at)} ${outcome?.type ?? 'not asked for'} shows o${out}`;
      const collected = outcome?.type === 'cached' && outcome.collected === true;
      if (bench.isOccupied(at, out)) expect(now, say).toBe(mine);
      else if (outcome?.type === 'made' || (outcome?.type === 'cached' && !collected))
        expect(now, say).toEqual(right);
      else if (collected) expect([undefined, right], say).toContainEqual(now);
      else expect([was, right, undefined], say).toContainEqual(now);
    }
  }
}

/**
 * 0 if and only if the model makes every stage that was asked for, and no frozen one turned out to lack bytes that are
 * needed; 130 only after a stop.
 */
function checkCode(bench: Workbench, { oracle, plan: planned }: After, ran: Ran): void {
  const asked = oracle.flatMap((made, at) => (planned.has(stageName(at)) ? [{ made, at }] : []));
  const lacking = asked.some(
    ({ at }) => bench.isFrozen(at) && ran.outcomes[stageName(at)]?.type === 'failed',
  );
  const right = asked.every(({ made }) => made.type === 'made') && !lacking ? 0 : 1;
  if (ran.code !== 130) expect(ran.code).toBe(right);
}

/** The same run once more makes only what is always made, and what is below that may but does not run. */
async function checkNothingLeft(bench: Workbench, request: PlanRequest): Promise<void> {
  const again = { ...request, force: false };
  const stages = [...bench.shape.stages.entries()];
  const always = stages.flatMap(([at, stage]) =>
    stage.always && !bench.isFrozen(at) ? [stageName(at)] : [],
  );
  const unlike = always.filter((name) =>
    stages.some(([at, { series }]) => stageName(at) === name && series !== undefined),
  );
  const [follow, change] = [withBelow(bench, always), withBelow(bench, unlike)];
  const planned = await plan(open(bench.pipeline, bench), again);
  const left = planned.ok ? planned.value.stages : [];
  expect(planned).toMatchObject({ ok: true });
  for (const { stage, state } of left) {
    if (state === 'run') expect(always).toContain(stage);
    else if (state === 'maybe') expect(follow).toContain(stage);
    else expect(state).toMatch(/^(cached|recorded|frozen)$/);
  }
  const ran = await runOnce(bench.pipeline, { ...again, env: bench.env });
  learn(bench, ran);
  expect(ran.code).toBe(0);
  const running = left.flatMap(({ stage, state }) => (state === 'run' ? [stage] : []));
  expect([...started(ran)].filter((name) => !change.has(name) || running.includes(name)).sort()).toEqual(
    running.sort(),
  );
}
