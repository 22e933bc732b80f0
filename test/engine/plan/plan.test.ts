import { chmodSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plan, type PlanRequest } from '../../../engine/index.ts';
import { names, open, pipelineOf, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** a → b → c, and d beside b: each copies its input and adds its param. */
function chain(params: Partial<Record<'a' | 'b' | 'c' | 'd', string>> = {}): Record<string, Sketch> {
  const copy = (name: 'a' | 'b' | 'c' | 'd', from: string): Sketch => ({
    cmd: 'cat {deps.in} > {outs.out}; echo {params.add} >> {outs.out}',
    deps: { in: from },
    params: { add: params[name] ?? name },
    outs: { out: 'out.txt' },
  });
  return { a: copy('a', 'in.txt'), b: copy('b', 'a:out'), c: copy('c', 'b:out'), d: copy('d', 'a:out') };
}

const targets = ['c', 'd'];

async function states(root: string, sketches: Record<string, Sketch>, request: Partial<PlanRequest> = {}) {
  const planned = await plan(open(pipelineOf(root, sketches, { targets })), {
    targets: request.targets ?? [],
    force: request.force ?? false,
    only: request.only ?? false,
  });
  if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
  return Object.fromEntries(
    planned.value.stages.map(({ stage, state, reasons }) => [stage, { state, reasons }]),
  );
}

async function made(): Promise<string> {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  await runOnce(pipelineOf(root, chain(), { targets }));
  return root;
}

/** Where the out of a stage lies in the store. */
function treeOf(root: string, stage: string): string {
  return realpathSync(join(root, 'artifacts', stage, 'out.txt'));
}

test('before anything was made the first stage will run and the others may', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const planned = await states(root, chain());
  expect(planned['a']).toEqual({ state: 'run', reasons: [{ type: 'never-made' }] });
  expect(planned['b']).toEqual({
    state: 'maybe',
    reasons: [{ type: 'upstream', stage: 'a' }, { type: 'never-made' }],
  });
});

test('after a run all is cached, and planning writes nothing', async () => {
  const root = await made();
  const before = readdirSync(root, { recursive: true }).length;
  const planned = await states(root, chain());
  expect(Object.values(planned).map(({ state }) => state)).toEqual(['cached', 'cached', 'cached', 'cached']);
  expect(readdirSync(root, { recursive: true })).toHaveLength(before);
});

test('below a stage that will run, a stage with a change of its own says both', async () => {
  const root = await made();
  const planned = await states(root, chain({ b: 'B', c: 'C' }));
  expect(planned).toEqual({
    a: { state: 'cached', reasons: [] },
    b: { state: 'run', reasons: [{ type: 'param', key: 'add', before: 'b', after: 'B' }] },
    c: {
      state: 'maybe',
      reasons: [
        { type: 'upstream', stage: 'b' },
        { type: 'param', key: 'add', before: 'c', after: 'C' },
      ],
    },
    d: { state: 'cached', reasons: [] },
  });
});

test('a named target leaves out what it does not need', async () => {
  const root = await made();
  expect(Object.keys(await states(root, chain(), { targets: names('b') }))).toEqual(['a', 'b']);
});

test('a forced target is followed by its dependents within the default, with --only by none', async () => {
  const root = await made();
  const planned = await states(root, chain(), { targets: names('b'), force: true });
  expect(Object.entries(planned).map(([name, { state }]) => `${name} ${state}`)).toEqual([
    'a cached',
    'b run',
    'c maybe',
  ]);
  const only = await states(root, chain(), { targets: names('b'), force: true, only: true });
  expect(Object.keys(only)).toEqual(['a', 'b']);
});

test('a damaged artifact is told with its file, and its stage will run', async () => {
  const root = await made();
  const file = treeOf(root, 'b');
  chmodSync(file, 0o644);
  writeFileSync(file, 'damage\n');
  const planned = await states(root, chain());
  expect(planned['b']).toMatchObject({ state: 'run', reasons: [{ type: 'artifact-damaged', out: 'out' }] });
  expect(planned['c']).toMatchObject({ state: 'maybe' });
});

test('a stage whose bytes were collected is recorded while nobody needs them', async () => {
  const root = await made();
  rmSync(join(treeOf(root, 'b'), '..'), { recursive: true });
  expect((await states(root, chain()))['b']).toEqual({ state: 'recorded', reasons: [] });
});

test('a collected stage will run if it is the target or if one that will run reads it', async () => {
  const root = await made();
  rmSync(join(treeOf(root, 'b'), '..'), { recursive: true });
  expect((await states(root, chain(), { targets: names('b') }))['b']).toEqual({
    state: 'run',
    reasons: [{ type: 'artifact-missing', out: 'out' }],
  });
  const planned = await states(root, chain({ c: 'C' }));
  expect(planned['b']).toEqual({ state: 'run', reasons: [{ type: 'needed-by', stage: 'c' }] });
  expect(planned['c']).toMatchObject({ state: 'run', reasons: [{ type: 'param' }] });
});

test('a collected stage that may be needed and asks for more than there is is told before anything starts', async () => {
  const root = await made();
  rmSync(join(treeOf(root, 'b'), '..'), { recursive: true });
  const sketches = chain({ c: 'C' });
  const needy = { ...sketches, b: { ...sketches['b'], outs: { out: 'out' }, resources: { licence: 2 } } };
  const ran = await runOnce(pipelineOf(root, needy, { targets }));
  expect(ran.code).toBe(2);
  expect(ran.outcomes['b']).toMatchObject({ type: 'failed', faults: [{ code: 'ERS_RESOURCES' }] });
});

test('of an input that is a link to nothing the fault says so', async () => {
  const root = tempFolder();
  symlinkSync('gone.txt', join(root, 'in.txt'));
  const planned = await plan(open(pipelineOf(root, chain())), { targets: [], force: false, only: false });
  expect(planned).toMatchObject({
    faults: [{ message: 'The input `in` is missing: in.txt is a link that leads nowhere.' }],
  });
});

test('a missing input is a fault with its place', async () => {
  const root = tempFolder();
  const planned = await plan(open(pipelineOf(root, chain())), { targets: [], force: false, only: false });
  expect(planned).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_INPUT_MISSING',
        message: 'The input `in` is missing: there is nothing at in.txt.',
        place: { file: 'pipeline.yaml', line: 1 },
      },
    ],
  });
});

test.each<[string, Record<string, Sketch>, Partial<PlanRequest>]>([
  ['no change', chain(), {}],
  ['a change at the top', chain({ a: 'A' }), {}],
  ['a change in the middle', chain({ b: 'B' }), {}],
  ['a forced stage', chain(), { targets: names('a'), force: true }],
])('a plan says what the run does: %s', async (_, sketches, request) => {
  const root = await made();
  const planned = await states(root, sketches, request);
  const ran = await runOnce(pipelineOf(root, sketches, { targets }), request);
  expect(Object.keys(ran.outcomes).sort()).toEqual(Object.keys(planned).sort());
  for (const [stage, { state }] of Object.entries(planned)) {
    if (state === 'run') expect(ran.outcomes[stage]?.type).toBe('made');
    if (state === 'cached') expect(ran.outcomes[stage]?.type).toBe('cached');
  }
});

test.each(['.', 'data', 'data/link'])(
  'an input %s that holds what ers writes is a fault at its place',
  async (input) => {
    const root = tempFolder();
    write(root, 'in.txt', 'in\n');
    write(root, 'data/mine/a.txt', 'a\n');
    symlinkSync(root, join(root, 'data', 'link'));
    const store = input === 'data' ? join(root, 'data', 'store') : join(root, 'store');
    const sketches: Record<string, Sketch> = {
      a: { cmd: 'true', deps: { in: input }, outs: { out: 'out.txt' } },
    };
    const planned = await plan(open(pipelineOf(root, sketches, { store })), {
      targets: [],
      force: false,
      only: false,
    });
    expect(planned).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_INPUT_KIND',
          message: `The input ${input} holds ${input === 'data' ? 'data/store' : '.ers'}, where ers keeps what it makes: it would change with every run.`,
          place: { file: 'pipeline.yaml', line: 1 },
          hint: 'Move the data into a folder of its own, such as data/, and name that.',
        },
      ],
    });
  },
);

test.each(['artifacts/a/out.txt', '.ers/trees', 'latest'])(
  'an input %s among what ers makes is a fault that asks for the stage',
  async (input) => {
    const root = await made();
    symlinkSync('artifacts/a/out.txt', join(root, 'latest'));
    const sketch: Sketch = { cmd: 'true', deps: { in: input }, outs: { out: 'out.txt' } };
    const planned = await plan(open(pipelineOf(root, { ...chain(), late: sketch })), {
      targets: [],
      force: false,
      only: false,
    });
    expect(planned).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_INPUT_KIND',
          message: `The input ${input} lies among what ers makes: as a path it would follow no stage.`,
          hint: `Name the out of the stage that makes it, ${input.startsWith('artifacts') ? 'a' : 'STAGE'}:OUT.`,
        },
      ],
    });
  },
);
