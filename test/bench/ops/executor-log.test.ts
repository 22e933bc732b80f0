import { expect, test } from 'vitest';
import { readExecutorLog } from '../../../bench/ops/executor-log.ts';
import { readOpsOptions } from '../../../bench/ops/options.ts';
import { rowsOf, tableOf } from '../../../bench/ops/report.ts';

const prefix = (seconds: string) => `I0000 00:00:1795439494.${seconds}     859 executor.cc:879] `;
const logged = (call: number, node: number, op: string, began: string, ended: string) =>
  [
    `${prefix(began)}Process node: ${node} step ${call} {{node n.${node}}} = ${op}[T=DT_FLOAT](a, b) device: /cpu:0`,
    `${prefix(ended)}Synchronous kernel done: ${node} step ${call} {{node n.${node}}} = ${op}[T=DT_FLOAT](a, b) device: /cpu:0`,
  ].join('\n');

const log = [
  'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
  logged(4, 1, '_MklNativeConv2D', '100000', '900000'),
  logged(5, 1, '_MklNativeConv2D', '100000', '104000'),
  logged(5, 2, '_MklNativeConv2D', '104000', '106000'),
  logged(5, 3, 'NoOp', '106000', '106001'),
  logged(6, 1, '_MklNativeConv2D', '200000', '201000'),
  logged(6, 2, '_MklNativeConv2D', '201000', '202000'),
  logged(6, 3, 'Relu', '202000', '204000'),
  `${prefix('300000')}Process node: 9 step 6 {{node cut.off}} = Cast[SrcT=DT_UINT8](a)`,
].join('\n');

test('an op takes from the line of its begin to that of its end, in microseconds of the log', () => {
  const runs = readExecutorLog(log);
  expect(runs).toHaveLength(7);
  expect(runs.map(({ call, op }) => [call, op])).toContainEqual([5, 'NoOp']);
  expect(runs[1]).toMatchObject({ call: 5, op: '_MklNativeConv2D' });
  expect(runs[1]?.milliseconds).toBeCloseTo(4, 3);
});

test('the table is the mean of the last steps, costliest op first, with the small ones together', () => {
  const rows = rowsOf(readExecutorLog(log), 2);
  expect(rows.map(({ op, times }) => [op, times])).toEqual([
    ['_MklNativeConv2D', 2],
    ['Relu', 0.5],
    ['NoOp', 0.5],
  ]);
  expect(tableOf(rows)).toEqual([
    'op                                         times        ms   share',
    '_MklNativeConv2D                               2       4.0  80.0 %',
    'Relu                                           1       1.0  20.0 %',
    '1 other kinds                                  1       0.0   0.0 %',
    'all                                            3       5.0 100.0 %',
  ]);
});

test('options of bench:train that mean nothing here are refused', () => {
  expect(readOpsOptions(['--gpu'])).toBe('--gpu is no option of bench:ops.');
  expect(readOpsOptions(['--rounds=7'])).toBe('--rounds is no option of bench:ops.');
  expect(readOpsOptions(['--forward', '--size', '64'])).toMatchObject({ work: 'forward', size: 64 });
});
