import { expect, test } from 'vitest';
import { rowsOf } from '../../cli/readable.ts';

test('groups are told by dotted names, lists on one line, a list of groups with a row for each', () => {
  const value = {
    schedule: { T_max: 8, name: 'cosine' },
    channels: [256, 128],
    none: null,
    empty: {},
    classes: [
      { value: 0, name: 'bare ground' },
      { value: 1, name: 'water', ignore: true },
    ],
  };
  expect(rowsOf('', value)).toEqual([
    ['schedule.T_max', '8'],
    ['schedule.name', 'cosine'],
    ['channels', '256, 128'],
    ['none', 'null'],
    ['empty', '(empty)'],
    ['classes[0]', 'value 0, name bare ground'],
    ['classes[1]', 'value 1, name water, ignore true'],
  ]);
});
