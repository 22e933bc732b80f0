import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepped, type Life } from '../stepped/stage.ts';
import { inTerminal, terminalScript, type InTerminal } from './terminal.ts';
import { tempFolder } from '../temp-folder.ts';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const ctrlC = '\u0003';

describe.runIf(terminalScript)('a terminal that ers drew in', () => {
  it.each<readonly [string, (terminal: InTerminal, life: Life) => Promise<void> | void]>([
    ['Ctrl-C', ({ type }) => type(ctrlC)],
    ['SIGTERM', ({ kill }) => kill('SIGTERM')],
    ['SIGHUP', ({ kill }) => kill('SIGHUP')],
    [
      'a second Ctrl-C, which leaves at once',
      async ({ type }, life) => {
        await life.holdSignals();
        type(ctrlC);
        await life.signalled;
        type(ctrlC);
      },
    ],
  ])('shows its cursor and is set as before after %s', async (_, stop) => {
    const folder = tempFolder('ers-terminal-');
    const stage = await stepped();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:\n  wait:\n    cmd: ${JSON.stringify(stage.cmd())}\n    outs: { never: never.txt }\n`,
    );
    const terminal = inTerminal(folder, ['run']);
    const life = await stage.started();
    await terminal.until(hideCursor);
    await stop(terminal, life);
    const { code, printed, before, after } = await terminal.ended;
    expect(code).toBe('130');
    expect(printed.lastIndexOf(showCursor)).toBeGreaterThan(printed.lastIndexOf(hideCursor));
    expect(before).toMatch(/\bicanon\b[^]*\becho\b/);
    expect(after).toBe(before);
    await life.ended;
  });
});
