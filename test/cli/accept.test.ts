import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tinyProject } from './project.ts';

it('accept says what changed, refuses without a terminal or --yes, and with --yes the next run runs nothing', () => {
  const project = tinyProject();
  onTestFinished(() => project.remove());
  const { folder, ers } = project;
  expect(ers('run').code).toBe(0);
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('.repeat(3)', '["repeat"](3)'));
  const asked = ers('accept', 'draw');
  expect(asked.code).toBe(2);
  expect(asked.out).toMatch(
    /^draw@\w+ was made before this changed:\n {2}its command was: .*repeat.*\n {2}its command is: {2}.*\n$/,
  );
  expect(asked.err).toContain('Give --yes if that is what you want.');
  expect(ers('status').out).toContain('its command changed');
  const kept = ers('accept', 'draw', '--yes');
  expect([kept.code, kept.out.split('\n').at(-2)]).toEqual([0, 'draw is accepted: its result stands']);
  expect(ers('status').out).toMatch(/^draw {6}cached {5}accepted .* although its command changed$/m);
  const shown = ers('show', 'draw').out;
  expect(shown).toMatch(
    /^draw@\w+ {2}made .* UTC, took .*, in use, accepted \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/,
  );
  expect(shown).toContain('its command changed');
  expect(ers('run').out).toContain('2 stages, 2 cached');
  expect(ers('accept', 'draw').out).toBe('draw is current: there is nothing to accept\n');
});
