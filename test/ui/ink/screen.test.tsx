import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import { reduce, startState, type UiState } from '../../../ui/state.ts';
import { Screen } from '../../../ui/ink/screen.tsx';
import { plainWhy } from '../printed.ts';
import { demoRun } from '../recording.ts';

/** The state in the middle of the third epoch, with every clock of the recording. */
function midTraining(): UiState {
  const recorded = demoRun(10, 40);
  const at = recorded.findIndex(
    ({ event }) =>
      event.type === 'stage-event' &&
      event.event.type === 'step' &&
      event.event.epoch === 3 &&
      event.event.step === 20,
  );
  return recorded
    .slice(0, at + 1)
    .reduce((state, { at: now, event }) => reduce(state, event, now), startState(0));
}

function finished(): UiState {
  return demoRun(10, 40).reduce((state, { at, event }) => reduce(state, event, at), startState(0));
}

function frame(state: UiState, width: number, height = 30): readonly string[] {
  const artifacts = { evaluate: ['artifacts/evaluate/report.html'] };
  const { lastFrame, unmount } = render(
    <Screen state={state} artifacts={artifacts} why={plainWhy} width={width} height={height} />,
  );
  const text = stripVTControlCharacters(lastFrame() ?? '');
  unmount();
  return text.split('\n').map((line) => line.trimEnd());
}

describe('the screen', () => {
  it('shows a training at 80 columns', () => {
    expect(frame(midTraining(), 80)).toMatchInlineSnapshot(`
      [
        "● synthesize  cached     same parameters, code and inputs",
        "● scan        cached     same parameters, code and inputs",
        "! split: class group 1,4 has 2 masks, fewer than min_group 6: merged with the",
        "  other rare groups",
        "✔ split       made       in 0.4 s; split.seed 42 → 43",
        "✔ shards      made       in 2.9 s; split:manifest changed … and 2 more (npx ers",
        "                         why shards)",
        "· tensorflow: native TensorFlow 2.18.1 for CPU is not there; it goes to",
        "  ~/.cache/ers/runtime",
        "· tensorflow: native TensorFlow 2.18.1 for CPU is ready",
        "",
        "⠦ train       0:09       shards:train changed … and 2 more (npx ers why train)",
        "    epoch 3/10  step 20/40  ━━━━━━━━────────────────────────   25 %  0:30 left",
        "    loss 0.7212   val IoU 0.4502 (best 0.4502 in epoch 2)   lr 8.54e-4",
        "    images/s 91   waiting for data 0.4 %   memory 1.21 GB (at most 1.34 GB)",
        "",
        "          train loss                             val IoU",
        "     1.62┤⠱⡀                                0.45┤     ⢠⠃",
        "         │ ⠘⡄                                   │     ⡎",
        "         │  ⠈⢢                                  │    ⢸",
        "         │    ⠑⢄                                │   ⢀⠇",
        "     0.67┤      ⠑⠢                          0.38┤   ⡜",
        "         └epoch                        10       └epoch                        10",
        "○ evaluate    maybe      depends on what train makes",
        "0:17  4 of 6 stages done  Ctrl-C saves and stops",
      ]
    `);
  });

  it.each([60, 80, 120])('stays within %d columns and is lower than the terminal', (width) => {
    for (const state of [midTraining(), finished()]) {
      const lines = frame({ ...state, log: [] }, width, 24);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.length).toBeLessThan(24);
    }
  });

  it('tells long names of 30 stages apart at 40 columns, each on one line, within 24 rows', () => {
    const stages = Array.from({ length: 30 }, (_, at) => ({
      stage: `stage-${String(at).padStart(2, '0')}-with-some-name`,
      state: 'run' as const,
      reasons: [],
    }));
    const state = reduce(startState(0), { type: 'run-started', run: 'r', stages }, 0);
    const lines = frame(state, 40, 24);
    expect(lines.length).toBeLessThan(24);
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines.slice(0, 2)).toEqual([
      '○ stage-00…me-name  run        same par…',
      '○ stage-01…me-name  run        same par…',
    ]);
  });

  it('leaves the curves out where the terminal is too low for them', () => {
    const lines = frame({ ...midTraining(), log: [] }, 80, 12);
    expect(lines.join('\n')).not.toContain('train loss');
    expect(lines.length).toBeLessThan(12);
  });

  it('says that it saves after Ctrl-C', () => {
    const state = reduce(midTraining(), { type: 'stop-asked' }, 20_000);
    expect(frame(state, 80).at(-1)).toBe('0:20  stopping, saving… (Ctrl-C again to leave at once)');
  });

  it('ends with the warning, the scores, where to look and how it ended', () => {
    const lines = frame(finished(), 80);
    const end = lines.slice(lines.indexOf(''));
    expect(end).toEqual([
      '',
      '! split: class group 1,4 has 2 masks, fewer than min_group 6: merged with the',
      '  other rare groups',
      '╭──────────────────────────╮',
      '│ evaluate                 │',
      '│ iou               0.7312 │',
      '│ commonest_iou     0.3127 │',
      '│ mean_iou          0.6021 │',
      '│ mean_f1           0.7185 │',
      '│ pixel_accuracy    0.8459 │',
      '╰──────────────────────────╯',
      'look at  artifacts/evaluate/report.html',
      'done in 53 s: 6 stages, 4 made, 2 cached',
    ]);
  });

  it('shows the download of the runtime with size, rate and time left', () => {
    const recorded = demoRun();
    const at = recorded.findIndex(({ event }) => event.type === 'runtime' && (event.done ?? 0) > 110e6);
    const state = recorded
      .slice(0, at + 1)
      .reduce((before, { at: now, event }) => reduce(before, event, now), startState(0));
    expect(frame({ ...state, log: [] }, 80).slice(0, 2)).toEqual([
      '⠇ tensorflow  fetching  0:00  tensorflow-cpu 2.18.1',
      '    ━━━━━━━━━━━━━━━───────────────  50 %  115 MB of 230 MB  128 MB/s  0:01 left',
    ]);
  });
});
