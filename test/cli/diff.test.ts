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
  const [own = ''] = /many@[0-9a-f]{8}/.exec(ers('ls').out) ?? [];
  expect(ers('diff', own).out).toMatch(
    /, which is the same\n\nmade from\n {2}the same code, parameters and inputs\n\noutputs\n {2}d: the same bytes \(6 B\)\n$/,
  );
  const [first = ''] = /many@[0-9a-f]{8}/.exec(ers('ls').out) ?? [];
  edit(folder, 'config.yaml', 'a', 'b');
  ers('run', 'many');
  expect(ers('diff', first, 'many').out).toContain(
    '  d: 6 B → 6 B, 2 files changed\n    a removed\n    b added\n',
  );
});

it('diff of a stage alone compares what was in use before with what is, and refuses where that was the first', () => {
  const { ers, runWith } = project();
  runWith('a');
  expect(ers('diff', 'draw')).toMatchObject({ code: 2, out: '' });
  expect(ers('diff', 'draw').err).toContain(
    'No result of draw is known to have been in use before the current one.',
  );
  runWith('bb');
  // An experiment is in use nowhere.
  expect(ers('run', '-S', 'letter=x').code).toBe(0);
  expect(runWith('a').out).toContain('restored');
  expect(ers('diff', 'draw').out).toContain('\nmade from\n  letter bb → a\n');
  expect(runWith('ccc').code).toBe(0);
  // The newest other result is that of x, and the newest but that one of bb; a was in use before.
  expect(ers('diff', 'draw').out).toContain('\nmade from\n  letter a → ccc\n');
  expect(runWith('ccc').code).toBe(0);
  expect(JSON.parse(ers('diff', 'count', '--json').out)).toMatchObject({
    metrics: [{ name: 'letters', before: 3, after: 9 }],
  });
});

it('a stage whose result another stage of the same key made has it as its own', () => {
  const { ers, folder } = project();
  const text = readFileSync(join(folder, 'pipeline.yaml'), 'utf8');
  const [draw = ''] = / {2}draw:\n[^]*?(?=\n {2}count)/.exec(text) ?? [];
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    text.replace('default:', `${draw.replace('draw', 'twin')}\ndefault:`),
  );
  for (const letter of ['a', 'b']) {
    edit(
      folder,
      'config.yaml',
      /\w$/m.exec(readFileSync(join(folder, 'config.yaml'), 'utf8'))?.[0] ?? '',
      letter,
    );
    expect(ers('run', 'draw', 'twin').code).toBe(0);
  }
  for (const stage of ['draw', 'twin']) {
    expect(ers('show', stage).out).toMatch(new RegExp(`^${stage}@[0-9a-f]{12}  made .*, in use\n`));
    expect(ers('diff', stage).out).toContain('\nmade from\n  letter a → b\n');
  }
});

it('diff of what was never made is refused with exit code 2', () => {
  const { ers } = project();
  expect(ers('diff', 'draw')).toMatchObject({ code: 2, out: '' });
  expect(ers('diff', 'drow').err).toContain('Did you mean `draw`?');
});
