import { expect, test } from 'vitest';
import type { StageName } from '../../../engine/definition/types.ts';
import { rankByUrgency } from '../../../engine/execution/urgency.ts';
import { names, open, pipelineOf, runOnce, tempFolder, type Sketch } from '../pipelines.ts';

/** Two lone stages, and a chain of three. */
const stages: Record<string, Sketch> = {
  lone: { cmd: 'echo {params.n} > {outs.out}', params: { n: 1 }, outs: { out: 'out' } },
  other: { cmd: 'echo other {params.n} > {outs.out}', params: { n: 1 }, outs: { out: 'out' } },
  head: { cmd: 'echo head > {outs.out}', outs: { out: 'out' } },
  middle: {
    cmd: 'cat {deps.in} > {outs.out}; echo m >> {outs.out}',
    deps: { in: 'head:out' },
    outs: { out: 'out' },
  },
  tail: {
    cmd: 'cat {deps.in} > {outs.out}; echo t >> {outs.out}',
    deps: { in: 'middle:out' },
    outs: { out: 'out' },
  },
};
const targets = ['lone', 'other', 'tail'];

test('a stage with more to come after it goes first, equal ones in the order of the file', async () => {
  const ran = await runOnce(pipelineOf(tempFolder(), stages, { targets }), { jobs: 1 });
  expect(ran.story).toEqual(['head made', 'middle made', 'lone made', 'other made', 'tail made']);
});

test('a stage weighs what it took last time', () => {
  const pipeline = pipelineOf(tempFolder(), stages, { targets });
  const plan = new Map(
    pipeline.order.map((stage) => [stage, { stage, state: 'run' as const, reasons: [] }] as const),
  );
  const record = (seconds: number) => ({
    version: 1 as const,
    key: '0'.repeat(64) as never,
    inputs: {},
    outs: {},
    metrics: {},
    made: { seconds },
  });
  const lone = 'lone' as StageName;
  const known = new Map(plan).set(lone, {
    stage: lone,
    state: 'run',
    reasons: [],
    record: record(9),
  } as never);
  const orderOf = (ranks: ReadonlyMap<StageName, number>) =>
    [...ranks].sort((a, b) => a[1] - b[1]).map(([name]) => name);
  expect(orderOf(rankByUrgency(open(pipeline), plan))).toEqual(
    names('head', 'middle', 'lone', 'other', 'tail'),
  );
  expect(orderOf(rankByUrgency(open(pipeline), known))).toEqual(
    names('lone', 'head', 'middle', 'other', 'tail'),
  );
});

test('ERS_TEST_SHUFFLE gives each seed an order of its own, always the same, and every order keeps the edges', async () => {
  const storyOf = async (seed: string) => {
    const env = { PATH: process.env['PATH'], ERS_TEST_SHUFFLE: seed };
    return (await runOnce(pipelineOf(tempFolder(), stages, { targets }), { jobs: 1, env })).story;
  };
  const stories = await Promise.all(['1', '1', '2'].map(storyOf));
  expect(stories[0]).toEqual(stories[1]);
  expect(new Set(stories.map((story) => story.join())).size).toBeGreaterThan(1);
  for (const story of stories) {
    const at = (name: string) => story.indexOf(`${name} made`);
    expect(at('head')).toBeLessThan(at('middle'));
    expect(at('middle')).toBeLessThan(at('tail'));
  }
});
