import { expect, test } from 'vitest';
import { Slots } from '../../../engine/execution/slots.ts';
import type { Amounts } from '../../../engine/plan/needs.ts';

/** Holders that the test lets go: who has a turn, in the order in which turns were given. */
function holders(slots: Slots) {
  const begun: string[] = [];
  const releases = new Map<string, () => void>();
  const ask = (name: string, amounts: Amounts, rank: number): void => {
    void slots.use(amounts, rank, () => {
      begun.push(name);
      return new Promise<void>((release) => releases.set(name, release));
    });
  };
  const release = async (name: string): Promise<readonly string[]> => {
    releases.get(name)?.();
    return settled();
  };
  /** Turns are given once all that is ready has asked. */
  const settled = async (): Promise<readonly string[]> => {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return begun.splice(0);
  };
  return { ask, release, settled };
}

test('turns go by rank, whoever asked first, and no more than so many at a time', async () => {
  const { ask, release, settled } = holders(new Slots(2, {}));
  for (const [name, rank] of [
    ['c', 2],
    ['d', 3],
    ['a', 0],
    ['b', 1],
  ] as const)
    ask(name, {}, rank);
  expect(await settled()).toEqual(['a', 'b']);
  expect(await release('b')).toEqual(['c']);
  expect(await release('a')).toEqual(['d']);
});

test('of a named slot no more is given than there is; who asks for none of it passes', async () => {
  const { ask, release, settled } = holders(new Slots(9, { gpu: 2 }));
  ask('one', { gpu: 1 }, 0);
  ask('two', { gpu: 1 }, 1);
  ask('three', { gpu: 1 }, 2);
  ask('none', {}, 3);
  expect(await settled()).toEqual(['one', 'two', 'none']);
  expect(await release('one')).toEqual(['three']);
});

test('one that waits for two is not starved by those behind it that ask for one', async () => {
  const { ask, release, settled } = holders(new Slots(9, { gpu: 2 }));
  ask('first', { gpu: 1 }, 0);
  expect(await settled()).toEqual(['first']);
  ask('both', { gpu: 2 }, 1);
  ask('small', { gpu: 1 }, 2);
  expect(await settled()).toEqual([]);
  expect(await release('first')).toEqual(['both']);
  expect(await release('both')).toEqual(['small']);
});

test('two that need the same two slots in another order cannot block each other, since each takes all or none', async () => {
  const { ask, release, settled } = holders(new Slots(9, { licence: 1, mem: 8 }));
  ask('a', { licence: 1, mem: 5 }, 0);
  ask('b', { mem: 5, licence: 1 }, 1);
  expect(await settled()).toEqual(['a']);
  expect(await release('a')).toEqual(['b']);
});

test('no turn is given while somebody decides, so that a more urgent one may still come first', async () => {
  const slots = new Slots(1, {});
  const { ask, settled } = holders(slots);
  let decided: () => void = () => undefined;
  const deciding = slots.decide(() => new Promise<void>((resolve) => (decided = resolve)));
  ask('later', {}, 1);
  expect(await settled()).toEqual([]);
  decided();
  await deciding;
  ask('urgent', {}, 0);
  expect(await settled()).toEqual(['urgent']);
});

test('work that fails gives its slots back', async () => {
  const slots = new Slots(1, { gpu: 1 });
  await expect(slots.use({ gpu: 1 }, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.use({ gpu: 1 }, 0, () => Promise.resolve('next'))).toBe('next');
});
