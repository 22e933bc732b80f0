import { realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { names, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** Makes other bytes each time: the count of its own attempts, kept where only the test knows. */
const unlike = (counter: string): string =>
  `echo x >> ${counter}; wc -l < ${counter} | tr -d ' ' > {outs.out}`;

const three = (first: string, second: string, third: string): Sketch => ({
  cmd: 'cat {deps.a} {deps.b} {deps.c} > {outs.out}',
  deps: { a: first, b: second, c: third },
  outs: { out: 'out.txt' },
});

const copy = (from: string): Sketch => ({
  cmd: 'cat {deps.in} > {outs.out}',
  deps: { in: from },
  outs: { out: 'out.txt' },
});

function treeOf(root: string, stage: string): string {
  return dirname(realpathSync(join(root, 'artifacts', stage, 'out.txt')));
}

/** d and a → b → e stand beside each other; c reads d, a, and e. */
function mixed(): { readonly root: string; readonly sketches: Record<string, Sketch> } {
  const [root, elsewhere] = [tempFolder(), tempFolder()];
  const sketches = {
    d: copy('in.txt'),
    a: { cmd: unlike(join(elsewhere, 'a')), outs: { out: 'out.txt' } },
    b: copy('a:out'),
    e: { ...copy('b:out'), cmd: 'cat < {deps.in} > {outs.out}' },
    c: three('a:out', 'e:out', 'd:out'),
  };
  write(root, 'in.txt', 'first\n');
  return { root, sketches };
}

test('a stage is made from one generation of a stage above that brings other bytes each time', async () => {
  const { root, sketches } = mixed();
  await runOnce(pipelineOf(root, sketches));
  expect(read(root, 'artifacts/c/out.txt')).toBe('1\n1\nfirst\n');
  rmSync(treeOf(root, 'a'), { recursive: true });
  write(root, 'in.txt', 'second\n');
  const ran = await runOnce(pipelineOf(root, sketches));
  expect(read(root, 'artifacts/c/out.txt')).toBe('2\n2\nsecond\n');
  expect(ran.outcomes).toMatchObject({
    a: { type: 'made', same: false },
    b: { type: 'made' },
    e: { type: 'made' },
    c: { type: 'made' },
  });
  expect(ran.events).toContainEqual({
    type: 'notice',
    level: 'info',
    text: 'a: made again it has other bytes than before; what had been settled by those is decided again',
  });
  const again = await runOnce(pipelineOf(root, sketches));
  expect(Object.values(again.outcomes).map(({ type }) => type)).toEqual(Array(5).fill('cached'));
});

test('a stage that is settled again fails by name where it asks for more than there is', async () => {
  const { root, sketches } = mixed();
  const twice = { ...copy('a:out'), cmd: 'cat {deps.in} {deps.in} > {outs.out}' };
  await runOnce(pipelineOf(root, { ...sketches, b: twice }));
  rmSync(treeOf(root, 'a'), { recursive: true });
  write(root, 'in.txt', 'second\n');
  const needy = { ...sketches, b: { ...twice, resources: { licence: 2 } } };
  const ran = await runOnce(pipelineOf(root, needy));
  expect(ran.code).toBe(1);
  expect(ran.outcomes['b']).toMatchObject({
    type: 'failed',
    faults: [{ code: 'ERS_RESOURCES', message: 'b asks for 2 of `licence`, and there is 1.' }],
  });
});

test('what reads only a stage that brought other bytes is made of them in the same run', async () => {
  const { root, sketches } = mixed();
  const targets = ['c', 'f'];
  const wider = { ...sketches, f: { ...copy('b:out'), cmd: 'tail {deps.in} > {outs.out}' } };
  await runOnce(pipelineOf(root, wider, { targets }));
  rmSync(treeOf(root, 'a'), { recursive: true });
  write(root, 'in.txt', 'second\n');
  const ran = await runOnce(pipelineOf(root, wider, { targets }));
  expect(ran.code).toBe(0);
  expect(read(root, 'artifacts/f/out.txt')).toBe('2\n');
  expect(
    (await runOnce(pipelineOf(root, wider, { targets }))).story.every((line) => line.endsWith('cached')),
  ).toBe(true);
});

test('a chain of stages that bring other bytes each time ends with one generation of each', async () => {
  const { root, sketches } = mixed();
  const elsewhere = tempFolder();
  const chained = {
    ...sketches,
    b: {
      cmd: `cat {deps.in} > {outs.out}; echo x >> ${join(elsewhere, 'b')}; wc -l < ${join(elsewhere, 'b')} | tr -d ' ' >> {outs.out}`,
      deps: { in: 'a:out' },
      outs: { out: 'out.txt' },
    },
  };
  await runOnce(pipelineOf(root, chained));
  const trees = ['a', 'b', 'e'].map((stage) => treeOf(root, stage));
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
  write(root, 'in.txt', 'second\n');
  const ran = await runOnce(pipelineOf(root, chained));
  expect(ran.code).toBe(0);
  const [a, b, e, c] = ['a', 'b', 'e', 'c'].map((stage) => read(root, `artifacts/${stage}/out.txt`));
  expect(b?.startsWith(a ?? '')).toBe(true);
  expect(e).toBe(b);
  expect(c).toBe(`${a ?? ''}${e ?? ''}second\n`);
  expect((await runOnce(pipelineOf(root, chained))).story.every((line) => line.endsWith('cached'))).toBe(
    true,
  );
});

test('a stage that cannot be made of the other bytes fails, and its reader is not made of the former', async () => {
  const { root, sketches } = mixed();
  const cmd = 'grep 1 {deps.in} > {outs.out}';
  const picky = { ...sketches, b: { ...copy('a:out'), cmd } };
  await runOnce(pipelineOf(root, picky));
  rmSync(treeOf(root, 'a'), { recursive: true });
  write(root, 'in.txt', 'second\n');
  const ran = await runOnce(pipelineOf(root, picky));
  expect(ran.code).toBe(1);
  expect(ran.outcomes).toMatchObject({ b: { type: 'failed' }, c: { type: 'skipped' } });
  expect(read(root, 'artifacts/c/out.txt')).toBe('1\n1\nfirst\n');
});

test('what stands below two stages of one key that are both made anew is made of the same result, and the next run makes nothing', async () => {
  const [root, elsewhere] = [tempFolder(), tempFolder()];
  const twin = { cmd: unlike(join(elsewhere, 'twin')), outs: { out: 'out.txt' } };
  const sketches = {
    a: twin,
    b: twin,
    c: copy('a:out'),
    d: { ...copy('b:out'), cmd: 'cat < {deps.in} > {outs.out}' },
  };
  const pipeline = pipelineOf(root, sketches, { targets: ['c', 'd'] });
  await runOnce(pipeline);
  await runOnce(pipeline, { targets: names('a', 'b'), force: true, jobs: 2 });
  const shown = ['a', 'b', 'c', 'd'].map((name) => read(root, `artifacts/${name}/out.txt`));
  expect(shown).toEqual(Array(4).fill('2\n'));
  const next = await runOnce(pipeline);
  expect(next.story.every((line) => line.endsWith('cached'))).toBe(true);
});

test.each([
  ['--force', {}, { force: true }],
  ['always', { always: true }, {}],
])(
  'of two stages of one key that %s makes anew one is made, and both show its bytes, now and in the next run',
  async (_, own, request) => {
    const [root, elsewhere] = [tempFolder(), tempFolder()];
    const twin: Sketch = { cmd: unlike(join(elsewhere, 'twin')), outs: { out: 'out.txt' }, ...own };
    const sketches = { one: twin, two: twin };
    const pipeline = pipelineOf(root, sketches, { targets: ['one', 'two'] });
    await runOnce(pipeline);
    const ran = await runOnce(pipeline, { jobs: 2, ...request });
    expect(ran.story).toEqual(['one made', 'two cached']);
    expect(ran.outcomes['two']).toMatchObject({ just: { by: 'stage', stage: 'one' } });
    expect(ran.events[0]).toMatchObject({ stages: [{ state: 'run' }, { state: 'maybe' }] });
    expect(['one', 'two'].map((stage) => read(root, `artifacts/${stage}/out.txt`))).toEqual(['2\n', '2\n']);
    const again = await runOnce(pipelineOf(root, { ...sketches, below: copy('two:out') }));
    const shown = ['two', 'below'].map((stage) => read(root, `artifacts/${stage}/out.txt`));
    expect(shown).toEqual('always' in own ? ['3\n', '3\n'] : ['2\n', '2\n']);
    expect(again.code).toBe(0);
  },
);
