import { expect, it } from 'vitest';
import { checkName, distinctName, nameOf, shortKeys } from '../../../engine/experiments/names.ts';

const known = ['optimizer.lr', 'split.seed', 'train.seed', 'train.batch_size', 'model.encoder_weights'];

it.each([
  [{ 'optimizer.lr': 1e-3 }, 'lr-0.001'],
  [{ 'optimizer.lr': 3e-7 }, 'lr-3e-7'],
  [{ 'optimizer.lr': 0.001, 'train.batch_size': 4 }, 'lr-0.001_batch_size-4'],
  [{ 'split.seed': 1 }, 'split.seed-1'],
  [{ 'model.encoder_weights': null }, 'encoder_weights-null'],
  [{ 'model.decoder_channels': [256, 128] }, 'decoder_channels-256-128'],
  [{ 'optimizer.name': 'adam' }, 'name-adam'],
  [{}, 'baseline'],
])('%j is called %s', (overrides, name) => {
  expect(nameOf(overrides, known)).toBe(name);
});

it('a value that a name cannot hold is told by a digest too', () => {
  const names = ['a b', 'a/b', 'a-b', '1', 1, 'true', true, '', 'ä', [], {}, { a: 1 }, ['x'], '../../up'].map(
    (value) => nameOf({ key: value }, []),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(checkName(name)).toMatchObject({ ok: true });
});

it('a long name is cut and still one of its overrides', () => {
  const long = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`group.some_key_${at}`, at]));
  const [one, other] = [nameOf(long, []), nameOf({ ...long, 'group.some_key_19': 20 }, [])];
  expect(one).toHaveLength(80);
  expect(other).not.toBe(one);
  expect(distinctName('name', { a: 1 })).toMatch(/^name-[0-9a-f]{6}$/);
});

it('a key is told by the fewest last steps that are its own', () => {
  expect([...shortKeys(['a.lr', 'a.seed', 'b.seed', 'seed', 'x.a.seed'])]).toEqual([
    ['a.lr', 'lr'],
    ['a.seed', 'a.seed'],
    ['b.seed', 'b.seed'],
    ['seed', 'seed'],
    ['x.a.seed', 'x.a.seed'],
  ]);
});

it.each(['', '-a', '.hidden', 'a/b', 'a b', '..', 'a'.repeat(81), 'current', 'Current', 'a\nb'])(
  'the name %j is refused',
  (name) => {
    expect(checkName(name)).toMatchObject({ ok: false, faults: [{ code: 'ERS_USAGE' }] });
  },
);
