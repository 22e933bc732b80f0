import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellLine } from '../../base/shell-line.ts';
import { bin, type Outcome } from './project.ts';
import { sweepProject, type SweepProject } from './sweep-project.ts';

/** More params than a line has room for, so that a plan names the command that tells them all. */
const keys = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

const many = (value: string): string => `{ ${keys.map((key) => `${key}_key: ${value}`).join(', ')} }`;

/** `score` reads a group of many keys; the plain result is there. */
function wordyProject(): SweepProject {
  const project = sweepProject();
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace('[size]', '[size, many]'));
  project.write('config.yaml', `${project.read('config.yaml')}many: ${many('old-value')}\n`);
  expect(project.ers('run').code).toBe(0);
  return project;
}

/** Runs a line as somebody does who copies it from the screen. */
function paste(folder: string, line: string): Outcome {
  const npx = `npx() { shift; ${shellLine([process.execPath, bin])} "$@"; }`;
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${npx}\n${line}`], {
    ...{ cwd: folder, env, encoding: 'utf8' },
  });
  return { code: status, out: stdout, err: stderr };
}

/** The commands that lines name to tell more, by stage. */
function whysIn(out: string): readonly { readonly stage: string; readonly line: string }[] {
  return out.split('\n').flatMap((text) => {
    const [, stage = '', line = ''] = /^(\S+) .* … and \d+ more \((npx ers why .*)\)$/.exec(text) ?? [];
    return line === '' ? [] : [{ stage, line }];
  });
}

/** Runs each of them: it tells the stage that the line was about, in full. */
function tellsAll(folder: string, out: string, stages: readonly string[]): void {
  const whys = whysIn(out);
  expect(whys.map(({ stage }) => stage).toSorted()).toEqual(stages.toSorted());
  for (const { stage, line } of whys) {
    const told = paste(folder, line);
    expect([line, told.code, told.err]).toEqual([line, 0, '']);
    expect(told.out).toMatch(new RegExp(`^${stage} +run\\n`));
    for (const key of keys) expect(told.out).toContain(`  many.${key}_key old-value → `);
  }
}

const overridden = `many=${many("it's new")}`;

test('a plan of one experiment names the command that tells that plan', () => {
  const { folder, ers } = wordyProject();
  const { out } = ers('run', '--dry', '-S', overridden);
  tellsAll(folder, out, ['score']);
  tellsAll(folder, ers('status', '-S', overridden).out, ['score']);
  const strict = ers('run', '--dry', '-S', overridden, '--strict-runtime', '--cores', '2').out;
  expect(strict).toContain(' --strict-runtime --cores 2)\n');
  tellsAll(folder, strict, ['score']);
});

test('so does one of several, also where they share an override', () => {
  const { folder, ers } = wordyProject();
  const sweep = ['-S', overridden, '-S', 'size.times=2,3'];
  tellsAll(folder, ers('run', '--dry', ...sweep).out, ['score@times-2', 'score@times-3']);
  // What ran is cached by now, yet the command knows the stage.
  const ran = ers('run', ...sweep);
  expect(ran.code).toBe(0);
  const whys = whysIn(ran.out);
  expect(whys.map(({ stage }) => stage).toSorted()).toEqual(['score@times-2', 'score@times-3']);
  for (const { stage, line } of whys) {
    const told = paste(folder, line);
    expect([line, told.code, told.out.split(/ +/).slice(0, 2)]).toEqual([line, 0, [stage, 'cached']]);
  }
});

test('other files are named as they were, from the folder in which one stands', () => {
  const project = wordyProject();
  const { folder, ers } = project;
  project.write('an other.yaml', project.read('config.yaml').replaceAll('old-value', 'new-value'));
  tellsAll(folder, ers('run', '--dry', '--config', 'an other.yaml').out, ['score']);
  project.write('other-pipeline.yaml', project.read('pipeline.yaml'));
  const below = join(folder, 'below');
  mkdirSync(below);
  const options = ['--file', '../other-pipeline.yaml', '--config', '../an other.yaml'];
  const dry = paste(below, shellLine(['npx', 'ers', 'run', '--dry', ...options]));
  tellsAll(below, dry.out, ['score']);
  const ran = paste(below, shellLine(['npx', 'ers', 'run', '-S', 'size.times=2', ...options]));
  const [, show = ''] = / See: (npx .*)\n$/.exec(ran.out) ?? [];
  expect(show).toMatch(
    /^npx ers exp show \S+ --config '\.\.\/an other\.yaml' --file \.\.\/other-pipeline\.yaml$/,
  );
  expect(paste(below, show)).toMatchObject({ code: 0, err: '' });
});

test('what a hint says to run or to see is about the same pipeline', () => {
  const project = sweepProject();
  project.write('an other.yaml', project.read('config.yaml'));
  // Without its options every command would fail.
  project.write('config.yaml', 'letter: {}\n');
  const options = ['--config', 'an other.yaml'];
  const hinted = (...args: readonly string[]): string => {
    const { code, err } = project.ers(...args, ...options);
    expect([args, code]).toEqual([args, 2]);
    return /: (npx ers [^\n]*)$/m.exec(err)?.[1] ?? err;
  };
  const never = hinted('show', 'score');
  expect(hinted('exp', 'show', 'none')).toBe("npx ers run -S key=value --config 'an other.yaml'");
  expect(hinted('accept', 'draw')).toBe("npx ers run draw --config 'an other.yaml'");
  expect(hinted('accept', 'score')).toBe("npx ers run draw --config 'an other.yaml'");
  expect(never).toBe("npx ers run score --config 'an other.yaml'");
  expect(paste(project.folder, never)).toMatchObject({ code: 0, err: '' });
  project.write('an other.yaml', project.read('an other.yaml').replace('times: 1', 'times: 4'));
  const see = hinted('accept', 'score', '--also', 'size.times', '--also', 'colour');
  expect(see).toBe("npx ers why score --config 'an other.yaml'");
  expect(paste(project.folder, see)).toMatchObject({ code: 0, err: '' });
  expect(project.ers('run', '-S', 'letter=b', '--name', 'mine', ...options).code).toBe(0);
  const forget = hinted('run', '-S', 'letter=c', '--name', 'mine');
  expect(forget).toBe("npx ers exp rm mine --config 'an other.yaml'");
  expect(paste(project.folder, forget)).toMatchObject({ code: 0, err: '' });
});
