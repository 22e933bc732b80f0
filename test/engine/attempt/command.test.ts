import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandLine } from '../../../engine/attempt/command.ts';
import type { Job } from '../../../engine/attempt/job.ts';

const work = '/a b/work';

const job: Job = {
  version: 1,
  attempt: 'a',
  stage: 'ndvi',
  key: 'k',
  bundle: null,
  workers: {},
  params: { lr: 0.001, name: "it's", classes: [1, 2], split: { seed: 7 }, 'optimizer.lr': 3 },
  deps: { scene: '/a b/deps/scene' },
  outs: { ndvi: '/a b/outs/ndvi.tif' },
  checkpoint: '/c',
  checkpointEvery: 600,
  logs: '/l',
  tmp: '/t',
  cores: 1,
  runtime: null,
};

test('in an argument vector placeholders are replaced inside their argument, without any quoting', () => {
  expect(commandLine(['python', '{deps.scene}', '--out={outs.ndvi}', '{params.name}'], job, work)).toEqual({
    program: 'python',
    args: ['../deps/scene', '--out=../outs/ndvi.tif', "it's"],
    env: {},
  });
});

test('in a line for the shell each placeholder becomes a quoted variable, whose value is in the environment', () => {
  const line = 'cat {deps.scene} > {outs.ndvi}; echo {params.name} {deps.scene}';
  expect(commandLine(line, job, work)).toEqual({
    program: '/bin/sh',
    args: ['-c', 'cat "${ERS_P1}" > "${ERS_P2}"; echo "${ERS_P3}" "${ERS_P1}"'],
    env: { ERS_P1: '../deps/scene', ERS_P2: '../outs/ndvi.tif', ERS_P3: "it's" },
  });
});

test.each([
  ['lr', '0.001'],
  ['classes', '[1,2]'],
  ['split.seed', '7'],
  ['split', '{"seed":7}'],
  ['optimizer.lr', '3'],
])('{params.%s} is %s', (name, text) => {
  expect(commandLine(['echo', `{params.${name}}`], job, work).args).toEqual([text]);
});

test('other braces are the program’s own', () => {
  expect(commandLine(['awk', '{print $1}', '${HOME}'], job, work).args).toEqual(['{print $1}', '${HOME}']);
});

test.each([
  ['as a word', 'printf %s {params.value}'],
  ['in quotes within a substitution', 'v="$(printf %s {params.value}; echo .)"; printf %s "${v%.*}"'],
  [
    'where another program nests it',
    'printf %s "$(printf %s "{params.value}")" >/dev/null; printf %s {params.value}',
  ],
  ['in a comment', ": # it's {params.value}\nprintf %s {params.value}"],
  ['in a here-document', 'cat >/dev/null <<END\n{params.value}\nEND\nprintf %s {params.value}'],
])('a value %s is never run by the shell, whatever is in it', (_, template) => {
  const shown = (value: string): string => {
    const { program, args, env } = commandLine(template, { ...job, params: { value } }, work);
    return execFileSync(program, args, { encoding: 'utf8', env, cwd: tmpdir(), stdio: 'pipe' });
  };
  const hostile = fc.constantFrom(
    '$(echo run >&2)',
    '`exit 3`',
    "'; exit 3; '",
    '\nexit 3\n',
    '"; exit 3; "',
    '\\',
    '${HOME}',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 4 }),
      (parts) => {
        const value = parts.join('').trimEnd();
        fc.pre(!value.includes('\0') && Buffer.from(value).toString() === value);
        expect(shown(value)).toBe(value);
      },
    ),
    { numRuns: 20, seed: 1 },
  );
});
