import { expect, test } from 'vitest';
import { commandLine, whyLine } from '../../cli/command-line.ts';

const options = { set: ['a=1,2', 'b=x y'], config: 'c.yaml', file: 'p.yaml', cores: 2 };

test('a command gets the options that change what is planned and that it has', () => {
  expect(commandLine(['run', 'train'], {})).toBe('npx ers run train');
  expect(whyLine(options)('train@a-1')).toBe(
    "npx ers why train@a-1 -S a=1,2 -S 'b=x y' --config c.yaml --file p.yaml",
  );
  expect(commandLine(['exp', 'show', 'a-1'], options)).toBe(
    'npx ers exp show a-1 --config c.yaml --file p.yaml',
  );
});

test('only a strict plan looks at the cores, and only run and why make one', () => {
  const strict = { strictRuntime: true, cores: 2 } as const;
  expect(whyLine(strict)('train')).toBe('npx ers why train --strict-runtime --cores 2');
  expect(whyLine({ strictRuntime: true })('train')).toBe('npx ers why train --strict-runtime');
  expect(commandLine(['run'], strict)).toBe('npx ers run --strict-runtime --cores 2');
  expect(commandLine(['ls'], strict)).toBe('npx ers ls');
});
