import { expect, test } from 'vitest';
import type { Reason } from '../../engine/reasons.ts';
import { sayReasons } from '../../ui/say.ts';

const added = (path: string) => ({ path, change: 'added' as const });

test('a reason about many files before others that have no room has one ellipsis', () => {
  const files: Reason = {
    ...{ type: 'dep-changed', dep: 'dataset', source: 'data/tiles', changes: 60 },
    files: ['a.png', 'b.png', 'c.png', 'd.png'].map(added),
  };
  const command = 'npx ers why shards';
  expect(sayReasons([files], command)).toBe('data/tiles: 60 files added: a.png, b.png, c.png …');
  const param: Reason = { type: 'param', key: 'image.img_size', before: '64', after: '128' };
  expect(sayReasons([files, param], command)).toBe(
    'data/tiles: 60 files added: a.png, b.png, c.png … and 1 more (npx ers why shards)',
  );
});

test('a long command makes its line longer, not the reasons fewer', () => {
  const reasons = ['a', 'b', 'c', 'd', 'e'].map((module) => ({ type: 'code', module }) as const);
  const said = 'code of a changed … and 4 more';
  expect(sayReasons(reasons, 'npx ers why train')).toBe(`${said} (npx ers why train)`);
  const long = `npx ers why train --config ${'c'.repeat(80)}.yaml`;
  expect(sayReasons(reasons, long)).toBe(`${said} (${long})`);
  // Where every reason is said there is no command that could make room.
  expect(sayReasons(reasons.slice(0, 4), long)).toBe(`code of a changed … and 3 more (${long})`);
  expect(sayReasons(reasons.slice(0, 3), long)).toBe(
    'code of a changed, code of b changed, code of c changed',
  );
});
