import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processState } from '../../cache/holder.ts';
import { ers } from '../cli/project.ts';
import { tempFolder } from '../engine/pipelines.ts';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';

const isGone = (pid: number): boolean => processState(pid)?.zombie !== false;

test.each([
  ['that called setsid is ended before the next attempt works', 'setsid', true],
  ['that also hid its environment cannot reach what the next attempt makes', 'env -i setsid', false],
])('after kill -9 of a run, a helper %s', async (_, start, ended) => {
  const stage = await stepped();
  const folder = tempFolder();
  const note = join(folder, 'pid');
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:\n  train:\n    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}\n    outs: { out: out.txt }\n`,
  );
  const killed = startErs(folder, ['run', '--plain']);
  const first = await stage.started();
  await first.write('out', '');
  const loop = `echo $$ > '${note}'; while :; do mkdir -p ../outs; echo stray >> ../outs/out.txt; sleep 0.01; done`;
  await first.shell(
    `${start} /bin/sh -c "${loop.replaceAll('$', '\\$')}" > /dev/null 2>&1 & until [ -s '${note}' ]; do sleep 0.01; done`,
  );
  const helper = Number(readFileSync(note, 'utf8'));
  onTestFinished(() => {
    if (!isGone(helper)) process.kill(helper, 'SIGKILL');
  });
  expect(isGone(helper)).toBe(false);
  killed.kill('SIGKILL');
  await killed.ended;
  const next = startErs(folder, ['run', '--plain']);
  const second = await stage.started();
  expect(isGone(helper)).toBe(ended);
  await second.append('out', 'right\n');
  await second.shell('sleep 0.1');
  await second.append('out', 'right\n');
  await second.finish();
  expect(await next.ended).toEqual({ code: 0, signal: null });
  expect(readFileSync(join(folder, 'artifacts/train/out.txt'), 'utf8')).toBe('right\nright\n');
  expect(ers(folder, ['verify']).code).toBe(0);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
  '%s to a run ends its stage and all that it started, with exit code 130',
  async (signal) => {
    const stage = await stepped();
    const folder = tempFolder();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:\n  train:\n    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}\n    outs: { out: out.txt }\n`,
    );
    const running = startErs(folder, ['run', '--plain']);
    const life = await stage.started();
    await life.shell(`setsid sleep 300 > /dev/null 2>&1 & echo $! > '${join(folder, 'pid')}'`);
    const helper = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    running.kill(signal);
    expect(await running.ended).toEqual({ code: 130, signal: null });
    await life.ended;
    expect(isGone(helper)).toBe(true);
    rmSync(folder, { recursive: true });
  },
);
