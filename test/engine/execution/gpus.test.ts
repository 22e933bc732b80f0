import { expect, test } from 'vitest';
import { stepped, type Stepped } from '../../stepped/stage.ts';
import { pipelineOf, read, runOnce, tempFolder, type Sketch } from '../pipelines.ts';

const env = { PATH: process.env['PATH'], CUDA_VISIBLE_DEVICES: '5,GPU-abc' };
const show = 'echo "${CUDA_VISIBLE_DEVICES-unset}" > {outs.out}';
const outs = { out: 'out.txt' };

const held = (stage: Stepped, gpu: number): Sketch => ({
  cmd: stage.cmd({ out: '{outs.out}' }),
  outs,
  resources: { gpu },
});

test('stages side by side get GPUs of their own, and a third waits until one is free', async () => {
  const [one, two] = [await stepped(), await stepped()];
  const root = tempFolder();
  let threeEnds: () => void = () => undefined;
  const three = new Promise<void>((resolve) => (threeEnds = resolve));
  const running = runOnce(
    pipelineOf(
      root,
      {
        one: held(one, 1),
        two: { ...held(two, 1), params: { n: 2 } },
        three: { cmd: show, outs, resources: { gpu: 1 } },
      },
      { targets: ['one', 'two', 'three'] },
    ),
    {
      env,
      jobs: 9,
      onEvent: (event) => {
        if (event.type === 'stage-finished' && event.stage === 'three') threeEnds();
      },
    },
  );
  const lives = [await one.started(), await two.started()] as const;
  const seen: string[] = [];
  for (const life of lives) {
    await life.shell('printf %s "$CUDA_VISIBLE_DEVICES" > "$TMPDIR/seen"');
    seen.push(await life.read('tmp/seen'));
    await life.write('out', 'x');
  }
  expect(seen).toEqual(['5', 'GPU-abc']);
  await lives[1].finish();
  await three;
  expect(read(root, 'artifacts/three/out.txt')).toBe('GPU-abc\n');
  await lives[0].finish();
  expect((await running).story).toEqual(['two made', 'three made', 'one made']);
});

test('a stage sees as many GPUs as it asks for, none with gpu: 0, and a program without a word no variable', async () => {
  const root = tempFolder();
  const sketches: Record<string, Sketch> = {
    both: { cmd: show, outs, params: { n: 0 }, resources: { gpu: 2 } },
    none: { cmd: show, outs, params: { n: 1 }, resources: { gpu: 0 } },
    silent: { cmd: show, outs, params: { n: 2 } },
  };
  const ran = await runOnce(pipelineOf(root, sketches, { targets: Object.keys(sketches) }), { env });
  expect(ran.code).toBe(0);
  expect(['both', 'none', 'silent'].map((name) => read(root, `artifacts/${name}/out.txt`))).toEqual([
    '5,GPU-abc\n',
    '\n',
    'unset\n',
  ]);
});

test('a stage that asks for more GPUs than there are is refused before anything starts', async () => {
  const ran = await runOnce(
    pipelineOf(
      tempFolder(),
      { first: { cmd: show, outs }, greedy: { cmd: show, outs, params: { n: 3 }, resources: { gpu: 3 } } },
      { targets: ['first', 'greedy'] },
    ),
    { env },
  );
  expect(ran.code).toBe(2);
  expect(ran.story).toEqual(['first skipped', 'greedy failed']);
  expect(ran.outcomes['greedy']).toMatchObject({
    faults: [{ code: 'ERS_RESOURCES', message: 'greedy asks for 3 of `gpu`, and there are 2.' }],
  });
});
