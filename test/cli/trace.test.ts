import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { ers, tinyProject, type TinyProject } from './project.ts';

const bin = join(import.meta.dirname, '../../bin/ers.js');

function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  return made;
}

/** `stage outcome` of the stages that worked; throws if the file is no JSON. */
function traced(file: string): readonly string[] {
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly traceEvents: readonly {
      readonly cat?: string;
      readonly name: string;
      readonly args: { outcome?: string };
    }[];
  };
  return traceEvents.flatMap(({ cat, name, args }) =>
    cat === 'stage' ? [`${name} ${args.outcome ?? ''}`] : [],
  );
}

it('run --trace writes when each stage did what; a run with nothing to do is a trace without stages', () => {
  const { ers: run, folder } = project();
  const file = join(folder, 'trace.json');
  expect(run('run', '--trace', 'trace.json').code).toBe(0);
  expect(traced(file)).toEqual(['draw made', 'count made']);
  expect(run('run', '--trace', 'trace.json').code).toBe(0);
  expect(traced(file)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.includes('trace'))).toEqual(['trace.json']);
});

it('a trace that cannot be written is refused before anything runs', () => {
  const { ers: run, folder } = project();
  const missing = run('run', '--trace', 'no/such/trace.json');
  expect(missing).toMatchObject({ code: 2, out: '' });
  expect(missing.err).toContain(
    'The trace cannot be written to no/such/trace.json: there is nothing there (ENOENT).',
  );
  expect(run('run', '--trace', '.').code).toBe(2);
  expect(existsSync(join(folder, '.ers/records')) ? readdirSync(join(folder, '.ers/records')) : []).toEqual(
    [],
  );
  expect(existsSync(join(folder, 'no'))).toBe(false);
});

it('a trace replaces no file that is none', () => {
  const { ers: run, folder } = project();
  const config = readFileSync(join(folder, 'config.yaml'), 'utf8');
  const refused = run('run', '--trace', 'config.yaml');
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain(
    'The trace cannot be written to config.yaml: something lies there that is no trace, and would be lost.',
  );
  expect(readFileSync(join(folder, 'config.yaml'), 'utf8')).toBe(config);
});

it.each([
  ['SIGINT', 130, ['hold stopped']],
  ['SIGKILL', null, []],
] as const)(
  'after %s the trace is valid JSON and holds what there was time for',
  async (signal, code, stages) => {
    const { folder } = project();
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:
  hold:
    cmd: [node, -e, 'console.log("up"); setInterval(() => {}, 1000)']
    outs: { none: none.txt }
default: [hold]
`,
    );
    const child = spawn(process.execPath, [bin, 'run', '--plain', '--trace', 'trace.json'], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('up')) break;
    child.stdout.resume();
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect(traced(join(folder, 'trace.json'))).toEqual(stages);
    if (code !== null) return;
    // The next run ends the stage that a killed engine left behind.
    const other = 'stages:\n  none: { cmd: [touch, "{outs.a}"], outs: { a: a } }\ndefault: [none]\n';
    writeFileSync(join(folder, 'pipeline.yaml'), other);
    expect(ers(folder, ['run']).code).toBe(0);
  },
);
