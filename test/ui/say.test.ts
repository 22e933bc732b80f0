import { expect, test } from 'vitest';
import type { Reason } from '../../engine/reasons.ts';
import { sayReasons } from '../../ui/say.ts';

const added = (path: string) => ({ path, change: 'added' as const });

test('a reason about many files before others that have no room has one ellipsis', () => {
  const files: Reason = {
    ...{ type: 'dep-changed', dep: 'dataset', source: 'data/tiles', changes: 60 },
    files: ['a.png', 'b.png', 'c.png', 'd.png'].map(added),
  };
  expect(sayReasons('shards', [files])).toBe('data/tiles: 60 files added: a.png, b.png, c.png …');
  const param: Reason = { type: 'param', key: 'image.img_size', before: '64', after: '128' };
  expect(sayReasons('shards', [files, param])).toBe(
    'data/tiles: 60 files added: a.png, b.png, c.png … and 1 more (npx ers why shards)',
  );
});
