import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { collect } from '../../../cache/gc.ts';
import { acceptance } from '../../../engine/why/accept.ts';
import { plan, why } from '../../../engine/index.ts';
import { sayPlanned } from '../../../ui/say.ts';
import { plainWhy } from '../../ui/printed.ts';
import { names, open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

const [top, low] = names('top', 'low') as [never, never];

function chain(change: Partial<Sketch> = {}): Record<string, Sketch> {
  return {
    top: {
      cmd: 'cat {deps.in} > {outs.out}',
      deps: { in: 'in.txt' },
      params: { n: 1 },
      env: ['MODE'],
      outs: { out: 'out.txt' },
      ...change,
    },
    low: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'top:out' }, outs: { out: 'out.txt' } },
  };
}

/** Other code that would make the same. */
const recoded = { cmd: 'cat < {deps.in} > {outs.out}' };

async function madeOnce(): Promise<string> {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  expect((await runOnce(pipelineOf(root, chain()))).code).toBe(0);
  return root;
}

async function answer(root: string, change: Partial<Sketch>, also: readonly string[] = [], env = {}) {
  const project = open(pipelineOf(root, chain(change)), { env: { PATH: process.env['PATH'], ...env } });
  const result = await acceptance(project, top, new Set(also));
  if (!result.ok) return result.faults.map(({ code, message, hint }) => [code, message, hint ?? '']).flat();
  if (result.value === 'current') return 'current';
  result.value.keep((text) => expect.fail(text));
  return 'kept';
}

test('a result whose code changed is kept: nothing runs, what lies below stays, and it says what was passed over', async () => {
  const root = await madeOnce();
  const before = readdirSync(join(root, '.ers/trees')).sort();
  const [lock, artifact] = [read(root, 'pipeline.lock'), realpathSync(join(root, 'artifacts/top/out.txt'))];
  expect(await answer(root, recoded)).toBe('kept');
  expect(readdirSync(join(root, '.ers/trees')).sort()).toEqual(before);
  expect(read(root, 'pipeline.lock')).toBe(lock);
  expect(realpathSync(join(root, 'artifacts/top/out.txt'))).toBe(artifact);
  expect(readdirSync(join(root, '.ers/live'))).toEqual([]);

  const project = open(pipelineOf(root, chain(recoded)));
  const planned = await plan(project, { targets: [], force: false, only: false });
  const said = planned.ok
    ? planned.value.stages.map((stage) => `${stage.state}: ${sayPlanned(stage, plainWhy)}`)
    : [];
  expect(said[0]).toMatch(/^cached: accepted \d{4}-\d\d-\d\d \d\d:\d\d UTC although its command changed$/);
  const told = await why(project, top);
  expect(told.ok && told.value.compared.at(-1)).toMatch(
    /^accepted \S+, made as [0-9a-f]{12}, although its command changed$/,
  );
  const ran = await runOnce(pipelineOf(root, chain(recoded)));
  expect(ran.story).toEqual(['top cached', 'low cached']);
  expect(ran.outcomes['top']).toMatchObject({
    accepted: { reasons: ['its command changed'] },
    restored: false,
  });
  expect(read(root, 'pipeline.lock')).toMatch(/^top accepted from [0-9a-f]{64}$/m);
});

test('what is accepted stands for that stage of that project alone', async () => {
  const [root, neighbour, store] = [tempFolder(), tempFolder(), tempFolder()];
  const echo = (text: string) => ({ cmd: `echo ${text} > {outs.out}`, outs: { out: 'out.txt' } });
  const only = (text: string, folder = root) => pipelineOf(folder, { top: echo(text) }, { store });
  await runOnce(only('old'));
  const accepted = await acceptance(open(only('new')), top, new Set());
  if (accepted.ok && accepted.value !== 'current') accepted.value.keep((text) => expect.fail(text));
  const twins = pipelineOf(
    root,
    { top: echo('new'), twin: echo('new') },
    { store, targets: ['top', 'twin'] },
  );
  await runOnce(twins);
  expect([read(root, 'artifacts/top/out.txt'), read(root, 'artifacts/twin/out.txt')]).toEqual([
    'old\n',
    'new\n',
  ]);
  await runOnce(only('new', neighbour));
  expect(read(neighbour, 'artifacts/top/out.txt')).toBe('new\n');
  // Also where the store has a made one by now.
  expect((await runOnce(twins)).outcomes['top']).toMatchObject({ accepted: {} });
  expect(read(root, 'artifacts/top/out.txt')).toBe('old\n');
});

test('it ends when the stage is made after all', async () => {
  const root = await madeOnce();
  await answer(root, recoded);
  await runOnce(pipelineOf(root, chain(recoded)), { force: true, targets: [top] });
  expect(existsSync(join(root, '.ers/accepted/top.json'))).toBe(false);
  expect((await runOnce(pipelineOf(root, chain(recoded)))).outcomes['top']).not.toHaveProperty('accepted');
});

test('gc leaves the bytes of what is accepted, though no record of the store has its key', async () => {
  const root = await madeOnce();
  await answer(root, recoded);
  const request = { project: root, dry: false, maxBytes: 0, maxAge: 0, now: Date.now(), keep: new Map() };
  expect(collect(join(root, '.ers'), request)).toMatchObject({ ok: true });
  const ran = await runOnce(pipelineOf(root, chain(recoded)));
  expect(ran.story).toEqual(['top cached', 'low cached']);
  expect(read(root, 'artifacts/top/out.txt')).toBe('in\n');
});

test('a later change is told against what was accepted', async () => {
  const root = await madeOnce();
  await answer(root, recoded);
  const ran = await runOnce(pipelineOf(root, chain({ ...recoded, params: { n: 2 } })));
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({
    reasons: [{ type: 'param', key: 'n' }],
  });
});

test('a declared environment value may have changed', async () => {
  const root = await madeOnce();
  expect(await answer(root, {}, [], { MODE: 'fast' })).toBe('kept');
});

test('an input or a param that changed must be named', async () => {
  const root = await madeOnce();
  write(root, 'in.txt', 'other\n');
  const change = { ...recoded, params: { n: 2 } };
  expect(await answer(root, change)).toEqual([
    'ERS_NOT_ACCEPTED',
    'The result of top cannot be accepted: not only its code changed: n 1 → 2, in.txt changed.',
    'If its result does not depend on that: --also n --also in',
  ]);
  expect(await answer(root, change, ['n'])).toContain(
    'The result of top cannot be accepted: not only its code changed: in.txt changed.',
  );
  expect(await answer(root, change, ['n', 'in', 'out'])).toContain(
    'The result of top cannot be accepted: no input and no param `out` of it changed.',
  );
  expect(await answer(root, change, ['n', 'in'])).toBe('kept');
  expect((await runOnce(pipelineOf(root, chain(change)))).story).toEqual(['top cached', 'low cached']);
});

test('a frozen stage needs no yes, and one without a result is said to have none', async () => {
  const root = await madeOnce();
  expect(await answer(root, { frozen: true })).toContain(
    'The result of top cannot be accepted: it is frozen, so that its result stands anyway.',
  );
  rmSync(join(root, '.ers/current/top.json'));
  expect(await answer(root, { ...recoded, frozen: true })).toContain(
    'top is frozen, so it is never made, but there is no result of it to stand.',
  );
});

test('what is current needs no yes', async () => {
  expect(await answer(await madeOnce(), {})).toBe('current');
});

test.each<[string, string, Partial<Sketch>, (root: string) => void]>([
  ['a new out', 'new output more', { outs: { out: 'out.txt', more: 'more.txt' } }, () => undefined],
  [
    'bytes that are gone',
    'the bytes of its result are gone or damaged',
    recoded,
    (root) => rmSync(dirname(realpathSync(join(root, 'artifacts/top/out.txt'))), { recursive: true }),
  ],
  ['no result', 'it was never made', recoded, (root) => rmSync(join(root, '.ers/current/top.json'))],
])('%s cannot be accepted', async (_, why, change, harm) => {
  const root = await madeOnce();
  harm(root);
  const [, message = ''] = await answer(root, change);
  expect(message).toContain(`The result of top cannot be accepted: ${why}`);
});

test('a result that the store has for what is there now is not hidden by another one', async () => {
  const root = await madeOnce();
  await runOnce(pipelineOf(root, chain(recoded)));
  await runOnce(pipelineOf(root, chain()));
  expect(await answer(root, recoded)).toContain(
    'The result of top cannot be accepted: the store has a result that was made of what is there now.',
  );
});

test('below a stage that must run nothing is accepted', async () => {
  const root = await madeOnce();
  const project = open(
    pipelineOf(root, {
      ...chain(recoded),
      low: { ...chain()['low'], cmd: 'cat < {deps.in} > {outs.out}' },
    } as Record<string, Sketch>),
  );
  const result = await acceptance(project, low, new Set());
  expect(result).toMatchObject({
    ok: false,
    faults: [{ message: 'The result of low cannot be accepted: top above it must run first.' }],
  });
  expect(existsSync(join(root, '.ers/live'))).toBe(true);
});
