import { expect, test } from 'vitest';
import type { Timings } from '../../../bench/engine/compare.ts';
import { readOptions } from '../../../bench/engine/options.ts';
import { putBetween } from '../../../bench/engine/page.ts';
import { probes, type Finding } from '../../../bench/engine/probes.ts';
import { chain, commandOf, lastStages, makerOf, pair } from '../../../bench/engine/project.ts';
import { probesTable, timesTable } from '../../../bench/engine/report.ts';
import type { Ran } from '../../../bench/engine/shell.ts';

const ran = (seconds: number, cpu?: number, peak?: number): Ran => ({
  code: 0,
  seconds,
  cpu,
  peak,
  output: '',
});

test('a ratio is the median of a tool over that of ers, in wall and in processor time', () => {
  const all: readonly Timings[] = [
    {
      tool: 'ers',
      first: [],
      noop: [ran(0.1, 0.2, 50e6), ran(0.3, 0.2, 60e6), ran(0.2, 0.1, 40e6)],
      changed: [],
    },
    { tool: 'slow', first: [], noop: [ran(2, 0.5, 7e6), ran(2.2, 0.7, 8e6)], changed: [] },
    { tool: 'broken', first: [], noop: [], changed: [], failure: 'first run ended with 1: no' },
  ];
  expect(timesTable('noop', all)).toEqual([
    '|        | wall time (range), s       | × ers | processor time, s | × ers | peak memory, MB |',
    '| ------ | -------------------------- | ----- | ----------------- | ----- | --------------- |',
    '| ers    | 0.20 (0.10–0.30)           | 1.0   | 0.20              | 1.0   | 60              |',
    '| slow   | 2.10 (2.00–2.20)           | 11    | 0.60              | 3.0   | 8               |',
    '| broken | first run ended with 1: no |       |                   |       |                 |',
  ]);
});

test('a probe that a tool fails stands out, with what was seen; one that it has no part for is a dash', () => {
  const [probe] = probes;
  if (probe === undefined) throw new Error('no probe');
  const found = new Map<string, readonly Finding[]>([
    [probe.id, [{ good: true, note: 'hidden' }, { good: false, note: 'seen' }, { good: null }]],
  ]);
  expect(probesTable(['a', 'b', 'c'], [probe], found).at(-1)).toMatch(
    /^\| P1: .* \| yes \| \*\*no\*\* \(seen\) \| – +\|$/,
  );
});

test('the tables replace what stands between the marks and nothing else', () => {
  const page = (inside: string) =>
    `before\n<!-- bench:engine: written by \`npm run bench:engine -- --write\`; edits are lost -->\n\n${inside}\n\n<!-- /bench:engine -->\nafter\n`;
  expect(putBetween(page('old'), '\nnew\n')).toBe(page('new'));
  expect(putBetween('no marks', 'new')).toBeUndefined();
});

test('every stage can be told by its inputs and outs', () => {
  const [prep, train] = chain.stages;
  if (prep === undefined || train === undefined) throw new Error('no stages');
  expect(commandOf(prep, (_, path) => path)).toBe('find data/ -type f | wc -l > manifest.txt');
  expect(commandOf(train, (name, _, side) => `{${side}.${name}}`)).toBe('cat {ins.manifest} > {outs.model}');
  expect(makerOf(chain, 'manifest.txt')).toEqual({ stage: 'prep', out: 'manifest' });
  expect(makerOf(chain, 'data/')).toBeUndefined();
  expect(lastStages(chain).map(({ name }) => name)).toEqual(['eval']);
  expect(lastStages(pair).map(({ name }) => name)).toEqual(['left', 'right']);
});

test('options that cannot be measured with are refused with what was expected', () => {
  expect(readOptions(['--quick'])).toMatchObject({ sizes: [10, 1000], rounds: 3, write: false, many: 0 });
  expect(readOptions(['--sizes', '5,x'])).toBe(
    '--sizes must be whole numbers from 1 to 1000000, separated by commas.',
  );
  expect(readOptions(['--rounds', '2'])).toBe('--rounds must be a whole number from 3.');
  expect(readOptions(['--fast'])).toMatch(/--fast/);
});
