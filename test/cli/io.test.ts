import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInteractive, wantsColour } from '../../cli/io.ts';
import { tinyProject } from './project.ts';

describe('the terminal', () => {
  it.each([
    [true, {}, true],
    [true, { CI: 'true' }, false],
    [true, { CI: '' }, false],
    [true, { CI: '0' }, true],
    [true, { CI: 'false' }, true],
    [true, { CONTINUOUS_INTEGRATION: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [undefined, {}, false],
  ])('a TTY %s with %j is redrawn: %s', (isTTY, env, redrawn) =>
    expect(isInteractive(isTTY, env)).toBe(redrawn),
  );

  it.each([
    [true, {}, true],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [undefined, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('a TTY %s with %j is coloured: %s', (isTTY, env, coloured) =>
    expect(wantsColour(isTTY, env)).toBe(coloured),
  );
});

describe('a stdout that cannot be written to', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'does not end the run, but is told, exit code 1 (needs /dev/full)',
    () => {
      const project = tinyProject();
      const full = openSync('/dev/full', 'w');
      onTestFinished(() => {
        closeSync(full);
        project.remove();
      });
      const bin = fileURLToPath(new URL('../../bin/ers.js', import.meta.url));
      const { status, stderr } = spawnSync(process.execPath, [bin, 'run', '--plain'], {
        cwd: project.folder,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      expect([status, stderr.replace('building ers…\n', '')]).toEqual([
        1,
        'What ers has to say could not be written to stdout: no space is left on the disk (ENOSPC).\n',
      ]);
      expect(readFileSync(join(project.folder, 'artifacts/draw/text.txt'), 'utf8')).toBe('aaa');
    },
  );
});
