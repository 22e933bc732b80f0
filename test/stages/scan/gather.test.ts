import { expect, test } from 'vitest';
import type { Fault } from '../../../base/fault.ts';
import { gather } from '../../../stages/scan/gather.ts';

const fault = (kind: number, file: string): Fault => ({
  code: 'ERS_MASK_VALUE',
  message: `Value ${kind} is no class.`,
  place: { file },
  hint: `Add ${kind}.`,
});

test('six of a kind are all shown: a line on one more would take as much room', () => {
  const faults = Array.from({ length: 6 }, (_, at) => fault(1, `${at}.png`));
  expect(gather(faults)).toEqual(faults);
});

test('of more kinds than fit each has one before a second of another, and the kinds without room are counted', () => {
  const faults = [
    ...Array.from({ length: 10 }, (_, at) => fault(0, `a${at}.png`)),
    ...Array.from({ length: 24 }, (_, at) => fault(at + 1, `b${at}.png`)),
  ];
  const shown = gather(faults);
  expect(shown).toHaveLength(22);
  expect(shown[0]).toEqual(faults[0]);
  expect(shown[1]?.message).toBe('And the same in 9 more files (first a1.png).');
  expect(shown[2]).toEqual(faults[10]);
  expect(shown[21]?.message).toBe('5 more faults are not shown: 5 ERS_MASK_VALUE.');
});
