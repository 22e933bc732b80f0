import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { announceRun } from '../../cache/live-runs.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { startErs } from '../stepped/ers.ts';
import { stepped } from '../stepped/stage.ts';
import { commands } from './commands.ts';
import { bin, ers, tinyProject, type TinyProject } from './project.ts';
import { inTerminal, terminalScript } from './terminal.ts';
import { tempFolder } from '../temp-folder.ts';

/** What follows a command's own name so that it ends with 0, and with 2. */
interface Arguments {
  readonly ok: readonly string[];
  readonly usage: readonly string[];
}

/** In a project whose stages were made, with two experiments. A command without an entry fails the first test. */
const table: Readonly<Record<string, Arguments>> = {
  run: { ok: [], usage: ['cuont'] },
  status: { ok: [], usage: ['--file', 'none.yaml'] },
  why: { ok: ['count'], usage: ['cuont'] },
  accept: { ok: ['draw'], usage: ['cuont'] },
  ls: { ok: [], usage: ['-S', 'lettre=b'] },
  show: { ok: ['draw'], usage: ['draw@ffffffff'] },
  diff: { ok: ['draw', 'draw'], usage: ['cuont'] },
  verify: { ok: [], usage: ['draw'] },
  gc: { ok: ['--dry'], usage: ['--max-size', 'much'] },
  du: { ok: ['draw'], usage: ['cuont'] },
  pin: { ok: ['draw'], usage: ['cuont'] },
  unpin: { ok: ['draw'], usage: ['cuont'] },
  dag: { ok: [], usage: ['--json', '--mermaid'] },
  'exp show': { ok: [], usage: ['letter-x'] },
  'exp diff': { ok: ['letter-b'], usage: ['letter-x'] },
  'exp apply': { ok: ['letter-a'], usage: ['letter-x'] },
  'exp rm': { ok: ['--all-failed'], usage: [] },
  setup: { ok: ['--remove'], usage: ['--gpu', '--cpu'] },
  doctor: { ok: [], usage: ['--shallow'] },
};

let project: TinyProject;
beforeAll(() => {
  project = tinyProject();
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('run', '-S', 'letter=a,b').code).toBe(0);
});
afterAll(() => project.remove());

/** Without holding up the others. */
function exitCode(command: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...command.split(' '), ...args], {
      cwd: project.folder,
      env: { ...process.env, ERS_RUNTIME_DIR: join(project.folder, 'runtime') },
    });
    child.once('close', (code) => resolve(code));
  });
}

function tiny(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  return made;
}

it('each command has an entry here, and docs/faults.md lists each code', () => {
  expect(Object.keys(table).toSorted()).toEqual([...commands.keys()].toSorted());
  const page = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8');
  const [, chapter = ''] = page.split('## Exit codes\n');
  const told = [...(chapter.split('\n## ')[0] ?? '').matchAll(/^\| (\d+) /gm)].map(([, code]) =>
    Number(code),
  );
  expect(told).toEqual(Object.values(exitCodes));
});

describe('exit codes:', () => {
  it.concurrent.each(Object.entries(table))(
    '`ers %s` ends with 0, or 2 for a wrong word',
    async (name, { ok, usage }) => {
      // This machine may lack what a run would need; then `doctor` ends with 1.
      if (name !== 'doctor') expect(await exitCode(name, ok)).toBe(exitCodes.ok);
      expect(await exitCode(name, usage)).toBe(exitCodes.usage);
    },
  );

  it('doctor ends with 1 exactly where it names something to mend', () => {
    const { code, out } = ers(project.folder, ['doctor', '--json']);
    const { faults } = JSON.parse(out) as { readonly faults: readonly unknown[] };
    expect(code).toBe(faults.length === 0 ? exitCodes.ok : exitCodes.failed);
    const bare = { PATH: '/nonexistent', ERS_RUNTIME_DIR: join(project.folder, 'no-runtime') };
    expect(ers(project.folder, ['doctor'], bare).code).toBe(exitCodes.failed);
  });

  it('setup ends with 1 where the runtime cannot be had', () => {
    const folder = tempFolder('ers-no-runtime-');
    const args = ['setup', '--wheel', join(folder, 'none.whl')];
    expect(ers(folder, args, { ERS_RUNTIME_DIR: join(folder, 'runtime') }).code).toBe(exitCodes.failed);
  });

  it('run ends with 1 where a stage fails, of itself or in an experiment, and with 2 where nothing can start', () => {
    const { folder, ers: run } = tiny();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      "config: config.yaml\nstages:\n  fail:\n    cmd: [sh, -c, 'exit 5', '{outs.a}', '{params.letter}']\n    params: [letter]\n    outs: { a: a }\n",
    );
    expect(run('run').code).toBe(exitCodes.failed);
    expect(run('run', '-S', 'letter=a,b').code).toBe(exitCodes.failed);
    expect(run('run', '--dry').code).toBe(exitCodes.ok);
    writeFileSync(join(folder, 'config.yaml'), 'letter: [\n');
    expect(run('run').code).toBe(exitCodes.usage);
  });

  it('verify ends with 1 where bytes are damaged', () => {
    const { folder, ers: run } = tiny();
    run('run');
    const trees = join(folder, '.ers/trees');
    const [tree = ''] = readdirSync(trees);
    const [name = ''] = readdirSync(join(trees, tree));
    chmodSync(join(trees, tree, name), 0o644);
    writeFileSync(join(trees, tree, name), 'x');
    expect(run('verify').code).toBe(exitCodes.failed);
    expect(run('verify').code).toBe(exitCodes.ok);
  });

  it('gc ends with 1 where a run that stores something is in its way', () => {
    const { folder, ers: run, runWith } = tiny();
    for (const letter of ['a', 'b']) runWith(letter);
    const atWork = announceRun(join(folder, '.ers'), 'at-work');
    atWork.storing();
    expect(run('gc', '--older-than', '0h').code).toBe(exitCodes.failed);
    atWork.leave();
    expect(run('gc', '--older-than', '0h').code).toBe(exitCodes.ok);
  });

  it.runIf(terminalScript)('accept ends with 1 where the answer is no', async () => {
    const { folder, ers: run } = tiny();
    run('run');
    const file = join(folder, 'pipeline.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('.repeat(3)', '["repeat"](3)'));
    const terminal = inTerminal(folder, ['accept', 'draw']);
    await terminal.until('[y/N]');
    terminal.type('n\r');
    expect((await terminal.ended).code).toBe(String(exitCodes.failed));
    expect(run('accept', 'draw', '--yes').code).toBe(exitCodes.ok);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'run, with and without -S, ends with 130 after %s',
    async (signal) => {
      const stage = await stepped();
      for (const set of [[], ['-S', 'letter=b']]) {
        const { folder } = tiny();
        writeFileSync(
          join(folder, 'pipeline.yaml'),
          `config: config.yaml\nstages:\n  wait:\n    cmd: ${JSON.stringify(stage.cmd({ letter: '{params.letter}' }))}\n    params: [letter]\n    outs: { never: never.txt }\n`,
        );
        const running = startErs(folder, ['run', ...set]);
        const life = await stage.started();
        running.kill(signal);
        expect(await running.ended).toEqual({ code: exitCodes.interrupted, signal: null });
        await life.ended;
      }
    },
  );
});
