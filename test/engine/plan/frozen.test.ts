import { realpathSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { plan } from '../../../engine/index.ts';
import { plainWhy, printerInto } from '../../ui/printed.ts';
import { sayPlanned } from '../../../ui/say.ts';
import { names, open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** top → ice → low; `ice` may be frozen. */
function chain(
  changes: Partial<Record<'top' | 'ice' | 'low', Partial<Sketch>>> = {},
): Record<string, Sketch> {
  return {
    top: {
      cmd: 'cat {deps.in} > {outs.out}',
      deps: { in: 'in.txt' },
      outs: { out: 'out.txt' },
      ...changes.top,
    },
    ice: {
      cmd: 'cat {deps.in} > {outs.out}; echo {params.n} >> {outs.out}',
      deps: { in: 'top:out' },
      params: { n: 1 },
      outs: { out: 'out.txt' },
      ...changes.ice,
    },
    low: {
      cmd: 'cat {deps.in} > {outs.out}; echo {params.n} >> {outs.out}',
      deps: { in: 'ice:out' },
      params: { n: 1 },
      outs: { out: 'out.txt' },
      ...changes.low,
    },
  };
}

const frozen = (changes: Partial<Sketch> = {}) => chain({ ice: { frozen: true, ...changes } });
const usual = { targets: [], force: false, only: false };

async function madeOnce(): Promise<string> {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  expect((await runOnce(pipelineOf(root, chain()))).code).toBe(0);
  return root;
}

/** Whatever the plan says it will not run, does not run, and the other way round. */
async function asPlanned(root: string, sketches: Record<string, Sketch>) {
  const planned = await plan(open(pipelineOf(root, sketches)), usual);
  if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
  const ran = await runOnce(pipelineOf(root, sketches));
  const started = ran.events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));
  const { stages } = planned.value;
  const willRun = stages.filter(({ state }) => state === 'run').map(({ stage }) => stage);
  expect(started).toEqual(expect.arrayContaining(willRun));
  for (const { stage, state } of stages) {
    if (state === 'frozen' || state === 'cached') expect(started).not.toContain(stage);
  }
  return {
    ...ran,
    said: stages.map((stage) => `${stage.stage} ${stage.state}: ${sayPlanned(stage, plainWhy)}`),
  };
}

test('a frozen stage stands whatever changed, says what that was, and nothing above it runs for its sake', async () => {
  const root = await madeOnce();
  write(root, 'in.txt', 'other\n');
  const ran = await asPlanned(root, frozen({ params: { n: 2 } }));
  expect(ran.said).toEqual([
    'ice frozen: its last result stands, although n 1 → 2',
    'low cached: same parameters, code and inputs',
  ]);
  expect(ran.story).toEqual(['ice cached', 'low cached']);
  expect(ran.outcomes['ice']).toMatchObject({ frozen: [{ type: 'param', key: 'n' }] });
  expect(read(root, 'artifacts/ice/out.txt')).toBe('in\n1\n');
});

test('the log and the last line name a frozen stage', async () => {
  const root = await madeOnce();
  const lines: string[] = [];
  const onEvent = printerInto(lines);
  await runOnce(pipelineOf(root, frozen({ params: { n: 2 } })), { onEvent });
  expect(lines[0]).toBe('ers run: 2 stages: 1 cached, 1 frozen');
  expect(lines[1]).toBe('ice       frozen     its last result stands, although n 1 → 2');
  expect(lines.at(-1)).toMatch(/2 stages, 1 cached, 1 frozen$/);
});

test('a stage above a frozen one that was made anew beside it changes nothing below', async () => {
  const root = await madeOnce();
  write(root, 'in.txt', 'other\n');
  const targets = ['top', 'low'];
  const ran = await runOnce(pipelineOf(root, frozen(), { targets }));
  expect(ran.outcomes).toMatchObject({
    top: { type: 'made' },
    ice: { type: 'cached' },
    low: { type: 'cached' },
  });
  const thawed = await runOnce(pipelineOf(root, chain()));
  expect(thawed.story).toEqual(['top cached', 'ice made', 'low made']);
});

test('a frozen stage needs its inputs no more', async () => {
  const root = await madeOnce();
  rmSync(join(root, 'in.txt'));
  const sketches = frozen({ deps: { in: 'in.txt' } });
  expect((await runOnce(pipelineOf(root, sketches))).story).toEqual(['ice cached', 'low cached']);
});

test('a frozen stage without a result fails before anything starts, and says what to do', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const ran = await runOnce(pipelineOf(root, frozen()));
  expect(ran.code).toBe(2);
  expect(ran.outcomes['ice']).toMatchObject({
    faults: [
      {
        code: 'ERS_FROZEN',
        message: 'ice is frozen, so it is never made, but there is no result of it to stand.',
        hint: 'Take `frozen: true` away from ice to let it run.',
      },
    ],
  });
  expect(ran.events.some(({ type }) => type === 'stage-started')).toBe(false);
});

test('where another project of the store has made what a frozen stage would make, that stands', async () => {
  const root = await madeOnce();
  const other = tempFolder();
  write(other, 'in.txt', 'in\n');
  const lone = { ice: { ...frozen()['ice'], deps: { in: 'in.txt' } } } as Record<string, Sketch>;
  const plain = { ice: { ...lone['ice'], frozen: false } } as Record<string, Sketch>;
  expect((await runOnce(pipelineOf(root, plain))).code).toBe(0);
  expect((await runOnce(pipelineOf(other, lone, { store: join(root, '.ers') }))).story).toEqual([
    'ice cached',
  ]);
});

test.each<[string, string, (root: string) => void, Partial<Sketch>]>([
  [
    'damaged',
    'its artifact out is damaged (out.txt)',
    (root) => {
      const file = realpathSync(join(root, 'artifacts/ice/out.txt'));
      chmodSync(file, 0o644);
      writeFileSync(file, 'in\n2\n');
    },
    {},
  ],
  [
    'collected and asked for',
    'the bytes of its last result were collected',
    (root) =>
      rmSync(dirname(realpathSync(join(root, 'artifacts/ice/out.txt'))), { recursive: true, force: true }),
    {},
  ],
  [
    'without an out that is declared now',
    'its last result has no out `more`',
    () => undefined,
    { outs: { out: 'out.txt', more: 'more.txt' } },
  ],
  [
    'a file where a folder is declared now',
    'its last result has another out `out`: file out.txt, not folder out',
    () => undefined,
    { outs: { out: 'out/' } },
  ],
])('a frozen stage whose result is %s is refused', async (_, why, harm, change) => {
  const root = await madeOnce();
  harm(root);
  const ran = await runOnce(pipelineOf(root, frozen(change), { targets: ['ice'] }));
  expect(ran.code).toBe(2);
  expect(ran.outcomes['ice']).toMatchObject({
    faults: [{ code: 'ERS_FROZEN', message: `ice is frozen, so it is never made, but ${why}.` }],
  });
});

test('collected bytes of a frozen stage hinder only who needs them', async () => {
  const root = await madeOnce();
  rmSync(dirname(realpathSync(join(root, 'artifacts/ice/out.txt'))), { recursive: true });
  expect((await runOnce(pipelineOf(root, frozen()))).story.toSorted()).toEqual(['ice cached', 'low cached']);
  const needy = await runOnce(pipelineOf(root, chain({ ice: { frozen: true }, low: { params: { n: 2 } } })));
  expect(needy.code).toBe(2);
  expect(needy.story).toEqual(['ice failed', 'low skipped']);
});

test('collected bytes of a frozen stage are told before anything starts where a stage only may need them', async () => {
  const root = await madeOnce();
  rmSync(dirname(realpathSync(join(root, 'artifacts/ice/out.txt'))), { recursive: true });
  const also = { deps: { in: 'ice:out', top: 'top:out' } };
  write(root, 'in.txt', 'other\n');
  const ran = await runOnce(pipelineOf(root, chain({ ice: { frozen: true }, low: also })));
  expect(ran.code).toBe(2);
  expect(ran.story).toEqual(['top skipped', 'ice failed', 'low skipped']);
});

test('--force cannot make a frozen stage', async () => {
  const root = await madeOnce();
  const ran = await runOnce(pipelineOf(root, frozen()), { targets: names('ice'), force: true });
  expect(ran.code).toBe(2);
  expect(ran.outcomes['ice']).toMatchObject({
    faults: [
      {
        code: 'ERS_FROZEN',
        message: 'ice is frozen, so it is never made, but --force asks for it to be made anew.',
      },
    ],
  });
});

test('a stage that runs always does so each time, and stages below stay cached while its bytes are the same', async () => {
  const root = await madeOnce();
  const sketches = chain({ ice: { always: true } });
  for (let time = 0; time < 2; time += 1) {
    const ran = await asPlanned(root, sketches);
    expect(ran.said).toEqual([
      'top cached: same parameters, code and inputs',
      'ice run: declared to run always',
      'low maybe: depends on what ice makes',
    ]);
    expect(ran.outcomes).toMatchObject({
      top: { type: 'cached' },
      ice: { type: 'made', same: true },
      low: { type: 'cached', because: ['ice'] },
    });
  }
});

test('a stage that runs always needs the bytes above it, even if they were collected', async () => {
  const root = await madeOnce();
  rmSync(dirname(realpathSync(join(root, 'artifacts/top/out.txt'))), { recursive: true });
  const ran = await asPlanned(root, chain({ ice: { always: true } }));
  expect(ran.outcomes).toMatchObject({
    top: { type: 'made', same: true },
    ice: { type: 'made', same: true },
  });
});

test('a stage that runs always and was killed goes on from its checkpoint', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, {
    count: {
      cmd: 'if [ -e "$ERS_CHECKPOINT/half" ]; then echo whole > {outs.out}; else touch "$ERS_CHECKPOINT/half"; kill -KILL $$; fi',
      outs: { out: 'out.txt' },
      always: true,
    },
  });
  expect((await runOnce(pipeline)).code).toBe(1);
  expect((await runOnce(pipeline)).story).toEqual(['count made']);
});
