import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tinyProject, type TinyProject } from './project.ts';

function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  return made;
}

function withTime(folder: string): void {
  const file = join(folder, 'pipeline.yaml');
  const text = readFileSync(file, 'utf8').replace(
    'process.argv[2].repeat(3)',
    'process.argv[2] + process.hrtime.bigint()',
  );
  writeFileSync(file, text);
}

it('run --check-determinism makes a stage twice and says that it is deterministic, exit code 0', () => {
  const { ers } = project();
  const { code, out } = ers('run', '--check-determinism', 'count');
  expect(code).toBe(0);
  expect(out.match(/^count +run /gm)).toHaveLength(2);
  expect(out.match(/^draw +run /gm)).toHaveLength(1);
  expect(out).toMatch(/\ncount is deterministic here: 1 file, 13 B, the same bytes twice\n$/);
});

it('of a stage that is not it names the first byte, exit code 1; the first result stays', () => {
  const { ers, folder } = project();
  withTime(folder);
  const { code, out } = ers('run', '--check-determinism', 'draw', '--trace', 'trace.json');
  expect(code).toBe(1);
  expect(out).toMatch(
    /draw is not deterministic: output text differs at byte \d+, counted from 0: 0x3\d the first time, 0x3\d the second\. \[ERS_NOT_DETERMINISTIC\]\n +Something that is not in its key gets into its output/,
  );
  expect(ers('status').out).toMatch(/^draw +cached/);
  const trace = JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as {
    readonly traceEvents: readonly { readonly cat?: string; readonly name: string }[];
  };
  expect(trace.traceEvents.filter(({ cat }) => cat === 'stage').map(({ name }) => name)).toEqual([
    'draw',
    'draw',
  ]);
});

it('of a matrix it checks every member, exit code 1 if one is not deterministic', () => {
  const { ers, folder } = project();
  const time = 'process.argv[2] === "b" ? process.hrtime.bigint() : 0n';
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `config: config.yaml
stages:
  draw:
    matrix: { letter: [a, b, c] }
    params: [letter]
    cmd: [node, -e, 'require("fs").writeFileSync(process.argv[1], process.argv[2] + (${time}))', '{outs.text}', '{params.letter}']
    outs: { text: text.txt }
default: [draw]
`,
  );
  const { code, out } = ers('run', '--check-determinism', 'draw');
  expect(code).toBe(1);
  expect(out.match(/^draw@letter-[ac] is deterministic here/gm)).toHaveLength(2);
  expect(out).toContain('draw@letter-b is not deterministic');
  expect(out).not.toContain('experiment');
});

it('with --json the last line says whether it is equal, and where not', () => {
  const { ers, folder } = project();
  const last = (): unknown =>
    JSON.parse(ers('run', '--check-determinism', 'draw', '--json').out.trimEnd().split('\n').at(-1) ?? '');
  expect(last()).toMatchObject({ type: 'determinism', stage: 'draw', equal: true, files: 1, bytes: 3 });
  withTime(folder);
  expect(last()).toMatchObject({
    ...{ type: 'determinism', equal: false },
    difference: { out: 'text', file: '', in: 'both', at: { offset: expect.any(Number) as number } },
  });
});

it.each([
  [['drow'], 'There is no stage `drow`.'],
  [['draw', 'count'], '--check-determinism takes the one stage behind it, and got count too.'],
  [['draw', '--dry'], "'--check-determinism <stage>' cannot be used with option '--dry'"],
])('--check-determinism %j is refused with exit code 2', (args, message) => {
  const { code, err } = project().ers('run', '--check-determinism', ...args);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
