import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readingLine, sayReading } from '../../cli/reading-line.ts';
import { tempFolder } from '../temp-folder.ts';
import { io } from './commands.ts';
import { inTerminal, terminalScript } from './terminal.ts';

const clear = '\r\u001b[K';

/** A line of a terminal of so many columns whose clock the test sets. */
function drawing(isTTY: boolean, columns = 100) {
  const clock = { now: 0 };
  const written: string[] = [];
  const stderr = Object.assign(Object.create(process.stderr) as NodeJS.WriteStream, { isTTY, columns });
  const writeError = (text: string) => void written.push(text);
  return { clock, written, ...readingLine({ ...io, stderr, now: () => clock.now, writeError }) };
}

const step = { files: 1, bytes: 2e9, done: 2e9, total: 8e9 };

describe('the line that says how far the reading of inputs is', () => {
  it.each([
    [
      { files: 412, bytes: 3.2e9, done: 1e9, total: 4e9 },
      2,
      '3.20 GB, 412 files, 1.60 GB/s; 25 % of this one, 1.9 s left',
    ],
    [{ files: 412, bytes: 3.2e9, done: 1e9, total: undefined }, 2, '3.20 GB, 412 files, 1.60 GB/s'],
    [
      { files: 0, bytes: 1e6, done: 1e6, total: 1e9 },
      4,
      '1.00 MB, 250 kB/s; 0 % of this one, 1 h 07 min left',
    ],
    [{ files: 1, bytes: 0, done: 0, total: 0 }, 1, '0 B, 1 file, 0 B/s'],
  ])('says of %j after %d s: %s', (reading, seconds, said) =>
    expect(sayReading(reading, seconds)).toBe(`reading inputs: ${said}`),
  );

  it('comes after a second, sums up all inputs, is drawn four times a second and is taken away', () => {
    const { clock, written, progress, close } = drawing(true);
    for (const at of [999, 1000, 1249, 1250]) {
      clock.now = at;
      progress(step);
    }
    close();
    progress(step);
    close();
    expect(written).toEqual([
      '\rreading inputs: 4.00 GB, 2 files, 4.00 GB/s; 25 % of this one, 1.5 s left\u001b[K',
      '\rreading inputs: 8.00 GB, 4 files, 6.40 GB/s; 25 % of this one, 0.9 s left\u001b[K',
      clear,
    ]);
  });

  it('is never wider than the terminal', () => {
    const { clock, written, progress } = drawing(true, 20);
    clock.now = 1000;
    progress(step);
    expect(written).toEqual(['\rreading inputs: 2.0\u001b[K']);
  });

  it.each([
    [false, 5000],
    [true, 999],
  ])('is not there with a terminal: %s, after %d ms', (isTTY, now) => {
    const { clock, written, progress, close } = drawing(isTTY);
    clock.now = now;
    progress(step);
    close();
    expect(written).toEqual([]);
  });
});

describe.runIf(terminalScript)('in a terminal', () => {
  it.each(['run', 'status'])(
    'ers %s shows it, and takes it away before it says that it stops',
    async (command) => {
      const folder = tempFolder('ers-reading-line-');
      // Holes: no disk is that large, and it takes minutes to read.
      writeFileSync(join(folder, 'huge'), '');
      truncateSync(join(folder, 'huge'), 2 ** 38);
      writeFileSync(
        join(folder, 'pipeline.yaml'),
        'stages:\n  big: { cmd: "true", deps: { in: huge }, outs: { o: o } }\ndefault: [big]\n',
      );
      const terminal = inTerminal(folder, [command]);
      await terminal.until('% of this one');
      terminal.kill('SIGINT');
      const { code, printed } = await terminal.ended;
      expect(code).toBe('130');
      const line = printed.split('\r').find((part) => part.includes('% of this one'));
      expect(line).toMatch(/^reading inputs: \d.*\/s; \d+ % of this one, .* left.\[K$/);
      expect(printed).toContain(`${clear}ers: stopping`);
    },
  );
});
