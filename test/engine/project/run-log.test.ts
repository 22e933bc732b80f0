import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runOnce, pipelineOf, tempFolder } from '../pipelines.ts';

test('a log that cannot be written is named as it lies in the project, and the run goes on', async () => {
  const root = tempFolder();
  mkdirSync(join(root, '.ers'));
  writeFileSync(join(root, '.ers/runs'), '');
  const ran = await runOnce(
    pipelineOf(root, { stage: { cmd: 'echo x > {outs.out}', outs: { out: 'out.txt' } } }),
  );
  const notices = ran.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
  expect(notices).toEqual([
    expect.stringMatching(/^the run's log \.ers\/runs\/\w+-\w+ cannot be written \(ENOTDIR\); the run goes/),
  ]);
  expect(ran.story).toEqual(['stage made']);
});
