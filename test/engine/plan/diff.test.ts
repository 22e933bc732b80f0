import { expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { diffInputs, type DiffContext } from '../../../engine/plan/diff.ts';
import type { KeyInputs } from '../../../engine/key/key.ts';
import { sayInFull, sayReason } from '../../../engine/reasons.ts';

const base: KeyInputs = {
  version: 1,
  code: { type: 'uses', bundles: { run: sha256('1') }, packages: { sharp: '1.0' }, node: '20' },
  params: { schedule: { T_max: 50, name: 'cosine' }, classes: [1, 2] },
  deps: { data: { kind: 'folder', digest: sha256('d') } },
  env: { MODE: null },
  outs: { out: { path: 'out.txt', kind: 'file' } },
  runtime: 'tensorflow 2.9',
};

const context: DiffContext = {
  modules: { before: {}, after: {} },
  sources: { data: 'data/tiles' },
  unknown: new Set(),
  manifests: () => undefined,
};

const entry = (path: string, content: string) => ({ path, bytes: content.length, digest: sha256(content) });

test('equal keys give no reason', () => {
  expect(diffInputs(base, structuredClone(base), context)).toEqual([]);
});

test('params are told leaf by leaf, lists as a whole', () => {
  const params = { schedule: { T_max: 60, name: 'cosine', eta_min: 0 }, classes: [1, 2, 3] };
  expect(diffInputs(base, { ...base, params }, context)).toEqual([
    { type: 'param', key: 'classes', before: '[1,2]', after: '[1,2,3]' },
    { type: 'param', key: 'schedule.T_max', before: '50', after: '60' },
    { type: 'param', key: 'schedule.eta_min', before: '(unset)', after: '0' },
  ]);
});

test('another list of params with the same values is told by what it lists', () => {
  const before = { ...base, params: { train: { lr: 5 } } };
  expect(diffInputs(before, { ...base, params: { 'train.lr': 5 } }, context)).toEqual([
    { type: 'param', key: 'train', before: '{"lr":5}', after: '(unset)' },
    { type: 'param', key: 'train.lr', before: '(unset)', after: '5' },
  ]);
});

test('a key that holds a dot is told apart from a group', () => {
  const params = (dotted: number) => ({ train: { 'b.c': dotted, b: { c: 4 } } });
  expect(
    diffInputs({ ...base, params: params(3) }, { ...base, params: params(5) }, context).map(sayReason),
  ).toEqual(['train."b.c" 3 → 5']);
});

test('commands that differ only in a line break at the end are told with it', () => {
  const command = (template: string): KeyInputs => ({ ...base, code: { type: 'command', template } });
  expect(diffInputs(command('echo a'), command('echo a\n'), context)).toEqual([
    { type: 'command', before: '"echo a"', after: '"echo a\\n"' },
  ]);
});

test('a number that became a text is told with its quotes', () => {
  const before = { ...base, params: { lr: 5 } };
  expect(diffInputs(before, { ...base, params: { lr: '5' } }, context)).toEqual([
    { type: 'param', key: 'lr', before: '5', after: '"5"' },
  ]);
});

test('changed code names its modules; an update of the bundler alone names the bundle', () => {
  const code = { ...base.code, bundles: { run: sha256('2') } } as KeyInputs['code'];
  const modules = { before: { 'a.ts': '1', 'b.ts': '1' }, after: { 'a.ts': '2', 'b.ts': '1' } };
  expect(diffInputs(base, { ...base, code }, { ...context, modules })).toEqual([
    { type: 'code', module: 'a.ts' },
  ]);
  expect(diffInputs(base, { ...base, code }, context)).toEqual([{ type: 'code', module: 'bundle run' }]);
});

test('packages, Node, runtime, environment, command and outs each have their reason', () => {
  const after: KeyInputs = {
    ...base,
    code: { type: 'uses', bundles: { run: sha256('1') }, packages: { sharp: '1.1' }, node: '24' },
    env: { MODE: 'fast' },
    outs: { out: { path: 'out.txt', kind: 'file' }, more: { path: 'more', kind: 'folder' } },
    runtime: 'tensorflow 2.10',
  };
  expect(diffInputs(base, after, context)).toEqual([
    { type: 'package', name: 'sharp', before: '1.0', after: '1.1' },
    { type: 'node', before: '20', after: '24' },
    { type: 'runtime', before: 'tensorflow 2.9', after: 'tensorflow 2.10' },
    { type: 'env', name: 'MODE', before: null, after: 'fast' },
    { type: 'outs', added: ['more (more/)'], removed: [] },
  ]);
  const command: KeyInputs = { ...base, code: { type: 'command', template: 'true' } };
  expect(diffInputs(base, command, context)).toEqual([
    { type: 'command', before: 'a stage by uses', after: 'true' },
  ]);
});

const folderReason = (count: number, change: (index: number) => string) => {
  const before = Array.from({ length: count }, (_, index) =>
    entry(`${String(index).padStart(3, '0')}.png`, 'old'),
  );
  const after = before.map(({ path }, index) => entry(path, change(index)));
  const deps = { data: { kind: 'folder' as const, digest: sha256('e') } };
  const manifests = () => ({ before, after });
  const [reason] = diffInputs(base, { ...base, deps }, { ...context, manifests });
  if (reason?.type !== 'dep-changed') throw new Error('no reason');
  return reason;
};

test('a folder with many changed files names three on a line and twenty in full, and counts all', () => {
  const reason = folderReason(312, () => 'new');
  expect(reason).toMatchObject({ dep: 'data', source: 'data/tiles', changes: 312 });
  expect(reason.files).toHaveLength(20);
  expect(sayReason(reason)).toBe('data/tiles: 312 files changed: 000.png, 001.png, 002.png …');
  const full = sayInFull(reason);
  expect(full).toHaveLength(21);
  expect([full[0], full.at(-1)]).toEqual(['data/tiles: 000.png changed', 'data/tiles: … and 292 more']);
});

test('a few changed files of a folder are all named on the line', () => {
  expect(sayReason(folderReason(4, (index) => (index < 2 ? 'new' : 'old')))).toBe(
    'data/tiles: 000.png changed, 001.png changed',
  );
});

test('many files that differ in more than one way are each told with what happened', () => {
  const files = [
    { path: 'a', change: 'added' },
    { path: 'b', change: 'renamed', from: 'c' },
    { path: 'd', change: 'removed' },
    { path: 'e', change: 'changed' },
  ] as const;
  expect(sayReason({ type: 'dep-changed', dep: 'x', source: 'x', files, changes: 4 })).toBe(
    'x: 4 files differ: a added, c renamed to b, d removed …',
  );
});

test('a changed command is told in full as it was and as it is, each on one line', () => {
  const reason = { type: 'command', before: 'echo a', after: '["echo","b"]' } as const;
  expect(sayReason(reason)).toBe('its command changed');
  expect(sayInFull(reason)).toEqual(['its command was: echo a', 'its command is:  ["echo","b"]']);
});

test('a long value of the environment is told in full only where it does not push the line off the screen', () => {
  const reason = { type: 'env', name: 'TILES', before: null, after: 'x'.repeat(61) } as const;
  expect(sayReason(reason)).toBe('environment TILES changed');
  expect(sayInFull(reason)).toEqual([`environment TILES (unset) → ${'x'.repeat(61)}`]);
});

test('an input that is not known yet is no difference', () => {
  expect(diffInputs(base, { ...base, deps: {} }, { ...context, unknown: new Set(['data']) })).toEqual([]);
  expect(diffInputs(base, { ...base, deps: {} }, context)).toEqual([{ type: 'dep-removed', dep: 'data' }]);
});

test('a list too long for a line is told as changed, and in full as what changed in it', () => {
  const row = (value: number, colour: string) => ({ value, name: `class ${value}`, colour });
  const classes = [row(0, '#000000'), row(1, '#111111'), row(2, '#222222')];
  const now = [
    row(0, '#000000'),
    { ...row(1, '#ff0000'), ignore: true },
    row(2, '#222222'),
    row(3, '#333333'),
  ];
  const [reason, ...others] = diffInputs(
    { ...base, params: { classes } },
    { ...base, params: { classes: now } },
    context,
  );
  expect(others).toEqual([]);
  if (reason === undefined) throw new Error('no reason');
  expect(sayReason(reason)).toBe('classes changed');
  expect(sayInFull(reason)).toEqual([
    'classes[1].colour #111111 → #ff0000',
    'classes[1].ignore (unset) → true',
    'classes[3].value (unset) → 3',
    'classes[3].name (unset) → class 3',
    'classes[3].colour (unset) → #333333',
  ]);
});

test('a text too long for a line is told as changed, and in full as it is', () => {
  const reason = { type: 'param', key: 'note', before: 'a'.repeat(61), after: 'b' } as const;
  expect(sayReason(reason)).toBe('note changed');
  expect(sayInFull(reason)).toEqual([`note ${'a'.repeat(61)} → b`]);
});
