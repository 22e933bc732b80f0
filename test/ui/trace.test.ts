import { expect, test } from 'vitest';
import { isTraced, traceText, type TimedEvent } from '../../ui/trace.ts';

interface Row {
  readonly name: string;
  readonly ph: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

function rowsOf(events: readonly TimedEvent[], end: number): readonly Row[] {
  return (JSON.parse(traceText(events, end)) as { readonly traceEvents: readonly Row[] }).traceEvents;
}

const started: TimedEvent = { at: 5, event: { type: 'run-started', run: 'r', stages: [] } };

function phase(at: number, stage: string, name: 'ready' | 'preparing' | 'checking' | 'storing'): TimedEvent {
  return { at, event: { type: 'stage-phase', stage, phase: name } };
}

function begun(at: number, stage: string): TimedEvent {
  const reasons = [{ type: 'param', key: 'lr', before: '1', after: '2' }] as const;
  return { at, event: { type: 'stage-started', stage, attempt: 'x', reasons, resumed: false } };
}

function made(at: number, stage: string): TimedEvent {
  const outcome = { type: 'made', seconds: 1, same: false, metrics: { iou: 0.5 } } as const;
  return { at, event: { type: 'stage-finished', stage, outcome } };
}

test('each phase of a stage is a stretch within the stage, in microseconds, with reasons and outcome', () => {
  const rows = rowsOf(
    [
      started,
      phase(6, 'train', 'ready'),
      phase(8, 'train', 'preparing'),
      begun(9, 'train'),
      phase(20, 'train', 'checking'),
      phase(21, 'train', 'storing'),
      made(25, 'train'),
      { at: 26, event: { type: 'run-finished', exitCode: 0, seconds: 0.026 } },
    ],
    27,
  );
  const said = rows
    .filter(({ ph }) => ph === 'X')
    .map(({ pid, tid, name, ts, dur }) => [pid, tid, name, ts, dur]);
  expect(said).toEqual([
    [1, 1, 'plan and hash inputs', 0, 5000],
    [1, 1, 'run', 5000, 21000],
    [2, 1, 'train', 8000, 17000],
    [2, 1, 'prepare', 8000, 1000],
    [2, 1, 'run', 9000, 11000],
    [2, 1, 'look at inputs again', 20000, 1000],
    [2, 1, 'hash and store', 21000, 4000],
    [3, 1, 'train', 6000, 2000],
  ]);
  expect(rows.find(({ pid, name }) => pid === 2 && name === 'train')?.args).toEqual({
    ...{ attempt: 'x', resumed: false, reasons: ['lr 1 → 2'] },
    ...{ outcome: 'made', seconds: 1, same: false, metrics: { iou: 0.5 } },
  });
  const names = rows.filter(({ name }) => name === 'process_name').map(({ args }) => args['name']);
  expect(names).toEqual(['run', 'stages at work', 'stages waiting for a turn']);
});

test('stages that work at the same time lie on lanes of their own, and a lane is used again', () => {
  const rows = rowsOf(
    [started, begun(6, 'a'), begun(7, 'b'), made(8, 'a'), begun(9, 'c'), made(10, 'b'), made(12, 'c')],
    12,
  );
  const lanes = rows.flatMap(({ ph, pid, name, tid }) =>
    ph === 'X' && pid === 2 && name !== 'run' ? [`${name} ${tid}`] : [],
  );
  expect(lanes).toEqual(['a 1', 'b 2', 'c 1']);
});

test('what is open when the recording ends, ends there; what never began is a moment', () => {
  const skipped: TimedEvent = {
    at: 7,
    event: { type: 'stage-finished', stage: 'b', outcome: { type: 'skipped', because: 'a' } },
  };
  const rows = rowsOf([started, begun(6, 'a'), skipped, phase(7, 'c', 'ready')], 9);
  expect(rows.find(({ pid, name }) => pid === 2 && name === 'a')).toMatchObject({
    dur: 3000,
    args: { outcome: 'unfinished' },
  });
  expect(rows.find(({ pid, name }) => pid === 3 && name === 'c')).toMatchObject({ dur: 2000 });
  expect(rows.find(({ ph }) => ph === 'i')).toMatchObject({ name: 'b skipped', ts: 7000 });
});

test('a recording of nothing is a trace too', () => {
  expect(rowsOf([], 0).filter(({ ph }) => ph !== 'M')).toEqual([]);
});

test('what stages print is not recorded', () => {
  expect(isTraced({ type: 'stage-output', stage: 'a', stream: 'stdout', line: '' })).toBe(false);
  expect(isTraced(made(1, 'a').event)).toBe(true);
});
