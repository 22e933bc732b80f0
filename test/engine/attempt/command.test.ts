import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandLine, shellWord } from '../../../engine/attempt/command.ts';
import type { Job } from '../../../engine/attempt/job.ts';

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
  tmp: '/t',
  cores: 1,
  runtime: null,
};

test('in an argument vector placeholders are replaced inside their argument, without any quoting', () => {
  expect(commandLine(['python', '{deps.scene}', '--out={outs.ndvi}', '{params.name}'], job)).toEqual({
    program: 'python',
    args: ['/a b/deps/scene', '--out=/a b/outs/ndvi.tif', "it's"],
  });
});

test('in a line for the shell each placeholder becomes one quoted word', () => {
  expect(commandLine('cat {deps.scene} > {outs.ndvi}; echo {params.name}', job)).toEqual({
    program: '/bin/sh',
    args: ['-c', "cat '/a b/deps/scene' > '/a b/outs/ndvi.tif'; echo 'it'\\''s'"],
  });
});

test.each([
  ['lr', '0.001'],
  ['classes', '[1,2]'],
  ['split.seed', '7'],
  ['split', '{"seed":7}'],
  ['optimizer.lr', '3'],
])('{params.%s} is %s', (name, text) => {
  expect(commandLine(['echo', `{params.${name}}`], job).args).toEqual([text]);
});

test('other braces are the program’s own', () => {
  expect(commandLine(['awk', '{print $1}', '${HOME}'], job).args).toEqual(['{print $1}', '${HOME}']);
});

test('a shell hands on a quoted word unchanged, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('\0') && Buffer.from(text).toString() === text);
      const printed = execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
      expect(printed).toBe(text);
    }),
    { numRuns: 30, seed: 1 },
  );
});
