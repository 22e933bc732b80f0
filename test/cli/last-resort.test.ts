import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sayUncaught } from '../../cli/last-resort.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('an error of the system is one sentence with the path, its meaning and the call', () => {
  const error = thrownBy(() => mkdirSync('/dev/null/inside'));
  const sentence = sayUncaught(error, false);
  expect(sentence).toMatch(
    /^ers had to end\. \/dev\/null\/inside: a part of the path is no folder \(ENOTDIR\), on mkdir\. This is a bug of ers if /,
  );
  expect(sentence).not.toContain('\n');
  expect(sayUncaught(error, true)).toContain('last-resort.test.ts');
});

test('any other error is a bug and is shown with its stack', () => {
  const shown = sayUncaught(
    thrownBy(() => new URL('none')),
    false,
  );
  expect(shown).toContain('Invalid URL');
  expect(shown).toContain('last-resort.test.ts');
});
