import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { comesAbout } from '../comes-about.ts';
import { stepped } from '../stepped/stage.ts';
import { tempFolder } from '../temp-folder.ts';
import { bin } from './project.ts';
import { script, terminalScript } from './terminal.ts';

describe.runIf(terminalScript)('a terminal that is closed', () => {
  test.each([
    ['that shows the screen', '2> told'],
    ['to which nothing is written any more', '> told'],
  ])('%s ends the stage, and ers by SIGHUP, not by an abort of Node', async (_, elsewhere) => {
    const folder = tempFolder('ers-terminal-');
    const stage = await stepped();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:\n  wait:\n    cmd: ${JSON.stringify(stage.cmd())}\n    outs: { never: never.txt }\n`,
    );
    // Only the terminal's first process hears that it is gone; a shell for people hands that on, as this one does.
    writeFileSync(
      join(folder, 'lines.sh'),
      [
        // Before there is anything that a test could wait for.
        `trap 'kill -HUP $!' HUP`,
        `${process.execPath} ${bin} run ${elsewhere} &`,
        // The signal ends `wait`, not what is waited for.
        'while wait $!; code=$?; kill -0 $! 2> no; do :; done',
        'echo $code > code',
      ].join('\n'),
    );
    const env = { ...process.env, TERM: 'xterm-256color', CI: '0', CONTINUOUS_INTEGRATION: '0' };
    const terminal = spawn(script, ['-qefc', 'sh lines.sh', '/dev/null'], {
      cwd: folder,
      env,
      stdio: 'pipe',
    });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    const life = await stage.started();
    terminal.kill('SIGKILL');
    await life.ended;
    const code = join(folder, 'code');
    await comesAbout(() => existsSync(code) && readFileSync(code, 'utf8').endsWith('\n'));
    expect(readFileSync(code, 'utf8')).toBe('129\n');
    expect(readFileSync(join(folder, 'told'), 'utf8')).not.toContain('could not be written');
  });

  test('that a run has left before ends nothing: its exit code is its own', async () => {
    const folder = tempFolder('ers-terminal-');
    const stage = await stepped();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:\n  wait:\n    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}\n    outs: { out: out.txt }\n`,
    );
    writeFileSync(
      join(folder, 'lines.sh'),
      ["trap '' HUP", `setsid ${process.execPath} ${bin} run & wait $!`, 'echo $? > code'].join('\n'),
    );
    const terminal = spawn(script, ['-qefc', 'sh lines.sh', '/dev/null'], { cwd: folder, stdio: 'pipe' });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    const life = await stage.started();
    const closed = once(terminal, 'exit');
    terminal.kill('SIGKILL');
    await closed;
    await life.write('out', 'all');
    await life.finish();
    const code = join(folder, 'code');
    await comesAbout(() => existsSync(code) && readFileSync(code, 'utf8').endsWith('\n'));
    expect(readFileSync(code, 'utf8')).toBe('0\n');
  });
});
