import { expect, test } from 'vitest';
import { sayInFull, sayReason } from '../../engine/reasons.ts';

test('control characters of values never reach a terminal', () => {
  const reason = { type: 'param', key: 'title', before: 'a\u001b[31m', after: 'two\nlines' } as const;
  expect(sayReason(reason)).toBe('title a\\x1b[31m → two\\nlines');
  expect(sayInFull({ type: 'command', before: 'echo \u0007', after: 'echo' })).toEqual([
    'its command was: echo \\x07',
    'its command is:  echo',
  ]);
});
