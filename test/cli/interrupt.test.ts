import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeSignals } from '../../cli/interrupt.ts';
import type { StageEvent } from '../../engine/stage.ts';
import { startErs } from '../stepped/ers.ts';
import { stepped, type Stepped } from '../stepped/stage.ts';
import { ers } from './project.ts';
import { tempFolder } from '../temp-folder.ts';

/** A project of one stage, `wait`, which the test steps. */
async function project(): Promise<{ readonly folder: string; readonly stage: Stepped }> {
  const folder = tempFolder('ers-interrupt-');
  const stage = await stepped();
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:\n  wait:\n    cmd: ${JSON.stringify(stage.cmd())}\n    outs: { never: never.txt }\ndefault: [wait]\n`,
  );
  return { folder, stage };
}

it('Ctrl-C ends the stage, even one that does not listen, and the run says so with exit code 130', async () => {
  const { folder, stage } = await project();
  const running = startErs(folder, ['run']);
  const life = await stage.started();
  await life.holdSignals();
  running.kill('SIGINT');
  expect(await life.signalled).toBe('SIGTERM');
  expect((await running.ended).code).toBe(130);
  await life.ended;
  const { lines } = running;
  expect(lines).toContain(
    'ers: stopping; the running stages save what they have (once more to leave at once)',
  );
  expect(lines.at(-1)).toMatch(
    /^ers {7}stopped {4}in .*: 1 stage, 1 stopped\. The next ers run goes on from here$/,
  );
});

it('a second Ctrl-C leaves at once and takes the stage’s process with it', async () => {
  const { folder, stage } = await project();
  const running = startErs(folder, ['run']);
  const life = await stage.started();
  await life.holdSignals();
  running.kill('SIGINT');
  await running.until('stopping;');
  running.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect(running.lines.at(-1)).not.toContain('The next ers run');
  await life.ended;
});

it('a stage that says what it is at while it ends is told, with how long it has; then the run ends as it does', async () => {
  const { folder, stage } = await project();
  const running = startErs(folder, ['run']);
  const life = await stage.started();
  await life.holdSignals();
  const tell = (event: StageEvent) => life.shell(`echo '${JSON.stringify(event)}' >> ../events.jsonl`);
  // Else it had four seconds to say the rest in.
  expect(await tell({ type: 'grace', seconds: 300 })).toBe(0);
  running.kill('SIGINT');
  await life.signalled;
  expect(await tell({ type: 'grace', seconds: 60, doing: 'saving where it stands' })).toBe(0);
  await running.until(
    'wait      stopping   saving where it stands; it has up to 1 min 00 s (Ctrl-C again to leave at once)',
  );
  await life.finish();
  expect((await running.ended).code).toBe(130);
});

it('after a first signal another one leaves at once, but for a terminal that is closed: of that two may tell', () => {
  for (const first of ['SIGINT', 'SIGHUP']) {
    const [source, said] = [new EventEmitter(), [] as string[]];
    const interrupt = takeSignals(
      () => said.push('stop'),
      () => said.push('kill'),
      source,
    );
    for (const signal of [first, 'SIGHUP', 'SIGHUP', 'SIGTERM']) source.emit(signal, signal);
    expect([said, interrupt.stop.reason]).toEqual([['stop', 'kill'], first]);
    interrupt.dispose();
    expect(source.eventNames()).toEqual([]);
  }
});

it('while one run is at a stage, status and why say so, and a run that waits for it stops without a word of saving', async () => {
  const { folder, stage } = await project();
  const maker = startErs(folder, ['run']);
  await stage.started();
  for (const args of [['status'], ['why', 'wait']]) {
    const { out } = ers(folder, args);
    expect(out).toContain(`never made before; process ${maker.pid} on `);
    expect(out).toContain(' is at it now');
  }
  const waiter = startErs(folder, ['run']);
  await waiter.until(`process ${maker.pid} on `);
  waiter.kill('SIGINT');
  expect((await waiter.ended).code).toBe(130);
  expect(waiter.lines).toContain('ers: stopping (once more to leave at once)');
  expect(waiter.lines.join('\n')).not.toContain('save');
  maker.kill('SIGINT');
  await maker.ended;
  expect(stage.starts).toBe(1);
});
