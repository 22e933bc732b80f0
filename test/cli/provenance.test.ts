import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { ers, tinyProject, type TinyProject } from './project.ts';

/** `draw` reads a seed in a group and a secret of the environment. */
function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  const file = join(made.folder, 'pipeline.yaml');
  const text = readFileSync(file, 'utf8').replace(
    'params: [letter]',
    'params: [letter, split]\n    env: [SECRET]',
  );
  writeFileSync(file, text);
  writeFileSync(join(made.folder, 'config.yaml'), 'letter: a\nsplit: { seed: 7, share: 0.5 }\n');
  return made;
}

it('show --provenance tells code, seed, environment, versions, machine and what a result was made from', () => {
  const { folder } = project();
  expect(ers(folder, ['run'], { SECRET: 'hush' }).code).toBe(0);
  const { out } = ers(folder, ['show', 'draw', '--provenance']);
  expect(out).toContain('\nseed\n  split.seed  7\n');
  expect(out).toContain(`\nenvironment\n  SECRET  sha256 ${sha256('hush').slice(0, 12)}\n`);
  expect(out).toMatch(/\nversions\n {2}ers +\d+\.\d+\.\d+\n {2}node +v\d+/);
  expect(out).toMatch(/\nmachine\n {2}host +\S[^]*\n {2}memory +[\d.]+ GB\n/);
  expect(out).not.toContain('hush');
  expect(ers(folder, ['show', 'count', '--provenance']).out).toMatch(
    /\nmade from\n {2}draw@[0-9a-f]{8} {2}made [\d :-]+ UTC\n$/,
  );
});

it('pipeline.lock has one sorted fact a line, also of a group, no secret, no time and no machine', () => {
  const { folder } = project();
  const lock = (): string => readFileSync(join(folder, 'pipeline.lock'), 'utf8');
  ers(folder, ['run'], { SECRET: 'hush' });
  const [head, ...facts] = lock().trimEnd().split('\n');
  expect(head).toMatch(/^# What made the current artifacts/);
  expect(facts).toEqual(facts.toSorted());
  expect(facts).toContain('draw param split.seed 7');
  expect(facts).toContain('draw param split.share 0.5');
  for (const word of ['hush', folder, new Date().getFullYear().toString() + '-'])
    expect(lock()).not.toContain(word);
  const before = lock();
  ers(folder, ['run', '--force'], { SECRET: 'hush' });
  expect(lock()).toBe(before);
});

it('pipeline.lock is written by plain runs: not by experiments, by parts, nor by a dry run, and nobody misses it', () => {
  const { folder } = project();
  const file = join(folder, 'pipeline.lock');
  const run = (...args: readonly string[]) => ers(folder, ['run', ...args], { SECRET: 'hush' });
  run();
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, 'mine\n');
  for (const args of [['-S', 'letter=b'], ['draw'], ['draw', '--only'], ['--dry']]) {
    expect(run(...args).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  }
  expect(run().out).toContain('2 stages, 2 cached');
  expect(readFileSync(file, 'utf8')).toBe(before);
});

it('after a failed run pipeline.lock tells of what artifacts/ shows: the new and, where it failed, the old', () => {
  const { folder } = project();
  const file = join(folder, 'pipeline.lock');
  ers(folder, ['run'], { SECRET: 'hush' });
  const key = (stage: string): string =>
    new RegExp(`^${stage} key (.*)$`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const [draw, count] = [key('draw'), key('count')];
  const pipeline = join(folder, 'pipeline.yaml');
  writeFileSync(
    pipeline,
    readFileSync(pipeline, 'utf8').replace('JSON.stringify({ letters: n })', 'missing'),
  );
  writeFileSync(join(folder, 'config.yaml'), 'letter: b\nsplit: { seed: 7, share: 0.5 }\n');
  expect(ers(folder, ['run'], { SECRET: 'hush' }).code).toBe(1);
  expect(key('draw')).not.toBe(draw);
  expect(key('count')).toBe(count);
});
