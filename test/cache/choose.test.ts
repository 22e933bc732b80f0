import { expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { choose } from '../../cache/choose.ts';

test('what is said of a matrix holds for members that it has no longer', () => {
  const [key, tree] = [sha256('key'), sha256('tree')];
  const inventory = {
    keys: [{ key, stage: 't@k-2', used: 0, at: '2026-01-01T00:00:00.000Z', trees: [tree] }],
    trees: new Map([[tree, { files: 1, bytes: 10 }]]),
  };
  const none = new Set<never>();
  const nobody = {
    ...{ keys: none, current: none, pinned: none, trees: none, storing: undefined },
    wholeStages: new Set<string>(),
  };
  const cap = { maxBytes: 0, maxAge: 0, now: 1e12 };
  const removed = (keep: ReadonlyMap<string, 'all' | 'none'>, wholeStages = nobody.wholeStages) =>
    choose(inventory, { ...nobody, wholeStages }, { ...cap, keep }).trees;
  expect(removed(new Map())).toEqual([tree]);
  expect(removed(new Map([['t', 'all']]))).toEqual([]);
  expect(removed(new Map([['u', 'all']]))).toEqual([tree]);
  expect(removed(new Map(), new Set(['t']))).toEqual([]);
  expect(
    removed(
      new Map([
        ['t', 'all'],
        ['t@k-2', 'none'],
      ]),
    ),
  ).toEqual([tree]);
});
