import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellLine } from '../../base/shell-line.ts';

test('words that a shell takes as they are stay so; others are quoted', () => {
  const command = ['npx', 'ers', 'why', 'train@lr-0.001', '-S', 'optimizer.lr=1e-3,3e-4'];
  expect(shellLine(command)).toBe('npx ers why train@lr-0.001 -S optimizer.lr=1e-3,3e-4');
  expect(shellLine(['a b', "it's", '=x', '', '~', '#'])).toBe(`'a b' 'it'\\''s' '=x' '' '~' '#'`);
  // Nothing that could move the cursor is shown.
  expect(shellLine(["\u001b[2J\n'\\", '\u0085'])).toBe(`$'\\033[2J\\012\\'\\\\' $'\\302\\205'`);
});

test('a shell makes the same words of the line again', () => {
  const words = [
    ...['', ' ', '$HOME', '`id`', '$(id)', '!!', '*', '?', '[ab]', '{a,b}', '~', '#c', 'a;b', 'a&b', 'a|b'],
    ...["'", '"', '\\', "\\'", "it's", '=ls', '-S', 'key="a,b"', 'key={ ce: 1, dice: 0 }', 'é ü', '数 据'],
    ...['a\nb', '\u001b[31m', "\t'\\", '\u0085'],
  ];
  const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${shellLine(words)}`], { encoding: 'utf8' });
  expect(stdout.split('\0').slice(0, -1)).toEqual(words);
});
