import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stepped } from '../../stepped/stage.ts';
import { pipelineOf, read, runOnce, tempFolder, type Sketch } from '../pipelines.ts';

test('of two runs with different params artifacts/ shows one generation, that of the run that showed its own last', async () => {
  const root = tempFolder();
  const slow = await stepped();
  const stages = (k: number, below: Partial<Sketch>): Record<string, Sketch> => ({
    a: { cmd: 'echo {params.k} > {outs.out}', params: { k }, outs: { out: 'out.txt' } },
    b: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'a:out' }, outs: { out: 'out.txt' }, ...below },
  });
  const older = runOnce(
    pipelineOf(root, stages(1, { cmd: slow.cmd({ in: '{deps.in}', out: '{outs.out}' }) })),
  );
  const life = await slow.started();
  const newer = await runOnce(pipelineOf(root, stages(2, {})));
  expect(newer.story).toEqual(['a made', 'b made']);
  const lock = read(root, 'pipeline.lock');
  await life.write('out', 'of a = 1');
  await life.finish();
  const ran = await older;
  expect({ code: ran.code, story: ran.story }).toEqual({ code: 0, story: ['a made', 'b made'] });
  const notices = ran.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
  expect(notices).toEqual([
    'another run has shown other results in artifacts/ since this one began, so its own stay in the store; `ers run` shows what is current',
  ]);
  expect([read(root, 'artifacts/a/out.txt'), read(root, 'artifacts/b/out.txt')]).toEqual(['2\n', '2\n']);
  expect(read(root, 'pipeline.lock')).toBe(lock);
  expect(existsSync(join(root, '.ers/current/b.json'))).toBe(true);
});
