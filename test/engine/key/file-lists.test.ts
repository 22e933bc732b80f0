import { expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { fileChanges } from '../../../engine/key/file-lists.ts';

const entry = (path: string, content: string) => ({ path, bytes: content.length, digest: sha256(content) });

test('files are added, removed, changed, or renamed if their bytes are found elsewhere', () => {
  const before = [entry('a', '1'), entry('b', '2'), entry('c', '3'), entry('gone', '4')];
  const after = [entry('a', '1'), entry('b', 'other'), entry('moved', '3'), entry('new', '5')];
  expect(fileChanges(before, after)).toEqual([
    { path: 'b', change: 'changed' },
    { path: 'gone', change: 'removed' },
    { path: 'moved', change: 'renamed', from: 'c' },
    { path: 'new', change: 'added' },
  ]);
});
