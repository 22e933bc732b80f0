import { expect, test } from 'vitest';
import { plan } from '../../engine/index.ts';
import { open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

/** What people do to pipelines between two runs, as the tests of other engines have it. */
const join2: Sketch = {
  cmd: 'cat {deps.a} {deps.b} > {outs.out}',
  deps: { a: 'a.txt', b: 'b.txt' },
  outs: { out: 'out.txt' },
};

const copy = (from: string): Sketch => ({
  cmd: 'cat {deps.in} > {outs.out}',
  deps: { in: from },
  outs: { out: 'out.txt' },
});

function project(): string {
  const root = tempFolder();
  write(root, 'a.txt', 'a\n');
  write(root, 'b.txt', 'b\n');
  return root;
}

test('inputs that change places are other inputs, though nothing new is among them', async () => {
  const root = project();
  await runOnce(pipelineOf(root, { join: join2 }));
  const turned = { ...join2, deps: { a: 'b.txt', b: 'a.txt' } };
  expect((await runOnce(pipelineOf(root, { join: turned }))).story).toEqual(['join made']);
  expect(read(root, 'artifacts/join/out.txt')).toBe('b\na\n');
  const listed = { ...join2, deps: { b: 'b.txt', a: 'a.txt' } };
  expect((await runOnce(pipelineOf(root, { join: listed }))).story).toEqual(['join cached']);
});

test('an input that comes from a stage instead of a path, with the same content, re-runs nothing', async () => {
  const root = project();
  await runOnce(pipelineOf(root, { end: { ...join2, cmd: 'cat {deps.b} {deps.a} > {outs.out}' } }));
  const fed = {
    first: copy('a.txt'),
    end: { ...join2, cmd: 'cat {deps.b} {deps.a} > {outs.out}', deps: { a: 'first:out', b: 'b.txt' } },
  };
  expect((await runOnce(pipelineOf(root, fed))).story).toEqual(['first made', 'end cached']);
});

test('a failure is kept nowhere: the next run tries again without being told to, and after the cure makes the rest', async () => {
  const root = project();
  const picky = {
    picky: { ...copy('a.txt'), cmd: 'grep good {deps.in} > {outs.out}' },
    below: copy('picky:out'),
  };
  for (const at of [1, 2]) {
    const ran = await runOnce(pipelineOf(root, picky));
    expect([at, ran.code, ran.story]).toEqual([at, 1, ['picky failed', 'below skipped']]);
  }
  write(root, 'a.txt', 'good\n');
  expect((await runOnce(pipelineOf(root, picky))).story).toEqual(['picky made', 'below made']);
});

test('a stage or an input that is taken out and put back is as it was', async () => {
  const root = project();
  const whole = { first: copy('a.txt'), end: { ...join2, deps: { a: 'first:out', b: 'b.txt' } } };
  await runOnce(pipelineOf(root, whole));
  const less = { first: copy('a.txt'), end: { ...copy('first:out'), cmd: 'cat < {deps.in} > {outs.out}' } };
  expect((await runOnce(pipelineOf(root, less))).story).toEqual(['first cached', 'end made']);
  await runOnce(pipelineOf(root, { first: copy('a.txt') }));
  expect((await runOnce(pipelineOf(root, whole))).story).toEqual(['first cached', 'end cached']);
  expect(read(root, 'artifacts/end/out.txt')).toBe('a\nb\n');
});

test('one out may be read under two names, whole and in part; its stage is made once', async () => {
  const root = project();
  const sketches = {
    tiles: {
      cmd: 'mkdir {outs.all}/x; cat {deps.in} > {outs.all}/x/1; cat {deps.in} > {outs.all}/2',
      deps: { in: 'a.txt' },
      outs: { all: 'all/' },
    },
    end: {
      cmd: 'cat {deps.a}/2 {deps.b}/x/1 {deps.part}/1 > {outs.out}',
      deps: { a: 'tiles:all', b: 'tiles:all', part: 'tiles:all/x' },
      outs: { out: 'out.txt' },
    },
  };
  const ran = await runOnce(pipelineOf(root, sketches));
  expect(ran.story).toEqual(['tiles made', 'end made']);
  expect(read(root, 'artifacts/end/out.txt')).toBe('a\na\na\n');
});

test('a chain of a thousand stages is planned whole: the first will run, the others may', async () => {
  const root = project();
  const chain = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at): [string, Sketch] => [
      `s${at}`,
      at === 0 ? copy('a.txt') : { ...copy(`s${at - 1}:out`), params: { at } },
    ]),
  );
  const planned = await plan(open(pipelineOf(root, chain)), { targets: [], force: false, only: false });
  const states = planned.ok ? planned.value.stages.map(({ state }) => state) : [];
  expect(states).toEqual(['run', ...Array<string>(999).fill('maybe')]);
});
