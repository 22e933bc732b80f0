import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tinyProject, type TinyProject } from './project.ts';

function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(made.remove);
  return made;
}

function edit(folder: string, name: string, before: string, after: string): void {
  writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').replace(before, after));
}

it('diff tells what two results were made from, what they are and how their metrics changed', () => {
  const { ers, folder } = project();
  ers('run');
  const [first = ''] = /count@[0-9a-f]{8}/.exec(ers('ls').out) ?? [];
  const [letter = ''] = /draw@[0-9a-f]{8}/.exec(ers('ls').out) ?? [];
  edit(folder, 'config.yaml', 'a', 'bb');
  ers('run');
  const { code, out } = ers('diff', letter);
  expect(code).toBe(0);
  expect(out).toContain(`from ${letter}  made `);
  expect(out).toMatch(/\nto {3}draw@[0-9a-f]{8} {2}made [\d :-]+ UTC, in use\n/);
  expect(out).toContain('\nmade from\n  letter a → bb\n');
  expect(out).toContain('\noutputs\n  text: 3 B → 6 B\n');
  expect(ers('diff', first, 'count').out).toContain('\nmetrics\n  letters  3  →  6  +3\n');
});

it('diff of one result with itself says so, and one of a folder names the files', () => {
  const { ers, folder } = project();
  edit(
    folder,
    'pipeline.yaml',
    'default:',
    `  many:
    cmd: 'for n in {params.letter} c d; do echo $n > {outs.d}/$n; done'
    params: [letter]
    outs: { d: d/ }
default:`,
  );
  ers('run', 'many');
  expect(ers('diff', 'many').out).toMatch(
    /, which is the same\n\nmade from\n {2}the same code, parameters and inputs\n\noutputs\n {2}d: the same bytes \(6 B\)\n$/,
  );
  const [first = ''] = /many@[0-9a-f]{8}/.exec(ers('ls').out) ?? [];
  edit(folder, 'config.yaml', 'a', 'b');
  ers('run', 'many');
  expect(ers('diff', first, 'many').out).toContain(
    '  d: 6 B → 6 B, 2 files changed\n    a removed\n    b added\n',
  );
});

it('diff of what was never made is refused with exit code 2', () => {
  const { ers } = project();
  expect(ers('diff', 'draw')).toMatchObject({ code: 2, out: '' });
  expect(ers('diff', 'drow').err).toContain('Did you mean `draw`?');
});
