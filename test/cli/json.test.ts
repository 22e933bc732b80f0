import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { ers, tinyProject, type Outcome, type TinyProject } from './project.ts';

interface Example {
  /** What follows the command's own name. */
  readonly args?: readonly string[];
  readonly prints: 'value' | 'lines';
  readonly env?: NodeJS.ProcessEnv;
}

/** A way to call each command that ends well in a project whose stages were made. A command without one fails the first test. */
const examples: Readonly<Record<string, Example>> = {
  run: { prints: 'lines' },
  status: { prints: 'value' },
  why: { args: ['count'], prints: 'value' },
  accept: { args: ['draw'], prints: 'value' },
  ls: { prints: 'value' },
  show: { args: ['draw'], prints: 'value' },
  diff: { args: ['draw', 'draw'], prints: 'value' },
  verify: { prints: 'lines' },
  gc: { args: ['--dry'], prints: 'value' },
  du: { prints: 'value' },
  pin: { args: ['draw'], prints: 'value' },
  unpin: { args: ['draw'], prints: 'value' },
  dag: { prints: 'value' },
  'exp show': { prints: 'value' },
  'exp diff': { args: ['letter-b'], prints: 'value' },
  'exp apply': { args: ['letter-a'], prints: 'value' },
  'exp rm': { args: ['--all-failed'], prints: 'value' },
  setup: { args: ['--remove'], prints: 'lines', env: { ERS_RUNTIME_DIR: '/nonexistent' } },
  doctor: { prints: 'value', env: { ERS_RUNTIME_DIR: '/nonexistent' } },
};

let project: TinyProject;
beforeAll(() => {
  project = tinyProject();
  expect(project.ers('run').code).toBe(0);
  expect(project.ers('run', '-S', 'letter=a,b').code).toBe(0);
});
afterAll(() => project.remove());

function call(name: string, ...args: readonly string[]): Outcome {
  return ers(project.folder, [...name.split(' '), ...args], examples[name]?.env);
}

/** Throws where a line is no JSON. */
function readLines(out: string): readonly unknown[] {
  expect(out === '' || out.endsWith('\n')).toBe(true);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

describe('--json', () => {
  it('is an option of every command, and each has an example here and a chapter in docs/json.md', () => {
    const names = [...commands.keys()];
    expect(
      names.filter((name) => !commands.get(name)?.options.some(({ long }) => long === '--json')),
    ).toEqual([]);
    expect(names.toSorted()).toEqual(Object.keys(examples).toSorted());
    const text = readFileSync(join(import.meta.dirname, '../../docs/json.md'), 'utf8');
    const told = [...text.matchAll(/^## `ers ([a-z ]+)`/gm)].map(([, name]) => name);
    expect(told.toSorted()).toEqual(names.toSorted());
  });

  it.each(Object.keys(examples))('makes `ers %s` print JSON and nothing else on stdout', (name) => {
    const { args = [], prints } = examples[name] ?? { prints: 'value' };
    const { code, out } = call(name, ...args, '--json');
    if (name === 'doctor') expect([0, 1]).toContain(code);
    else expect(code).toBe(0);
    if (prints === 'lines') for (const line of readLines(out)) expect(line).toHaveProperty('type');
    else expect(JSON.parse(out)).toBeTypeOf('object');
  });

  it('tells a wrong option as one line on stdout with exit code 2, in whatever order they are written', () => {
    for (const args of [
      ['--json', '--no-such-option'],
      ['--no-such-option', '--json'],
    ]) {
      const { code, out, err } = call('gc', ...args);
      expect({ code, err }).toEqual({ code: 2, err: '' });
      const fault = {
        code: 'ERS_USAGE',
        message: "unknown option '--no-such-option'",
        hint: 'ers --help lists what there is.',
      };
      expect(readLines(out)).toEqual([{ type: 'faults', faults: [fault] }]);
    }
  });

  it.each(
    [...commands]
      .filter(([, command]) => command.options.some(({ long }) => long === '--file'))
      .map(([name]) => name),
  )('makes `ers %s` tell all faults of the definition with their places, exit code 2', (name) => {
    writeFileSync(
      join(project.folder, 'bad.yaml'),
      'stages:\n  a: { cmd: [true], outs: { b: /c } }\n  d: 5\n',
    );
    const { code, out, err } = call(name, ...(examples[name]?.args ?? []), '--json', '--file', 'bad.yaml');
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const [told, ...more] = readLines(out);
    expect(more).toEqual([]);
    expect(told).toMatchObject({ type: 'faults', faults: [{ place: { file: 'bad.yaml' } }, {}] });
  });

  it('tells an unknown stage and an unknown command as JSON too', () => {
    const unknown = JSON.parse(project.ers('why', 'cuont', '--json').out) as unknown;
    expect(unknown).toEqual({
      type: 'faults',
      faults: [
        { code: 'ERS_UNKNOWN_STAGE', message: 'There is no stage `cuont`.', hint: 'Did you mean `count`?' },
      ],
    });
    const both = project.ers('run', '--json', '--plain');
    expect(both.code).toBe(2);
    expect(both.out).toContain("'--plain' cannot be used with option '--json'");
    expect(JSON.parse(project.ers('rnu', '--json').out)).toMatchObject({
      faults: [{ code: 'ERS_USAGE', message: "unknown command 'rnu'", hint: 'Did you mean run?' }],
    });
  });
});
