import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { announceRun } from '../../cache/live-runs.ts';
import { unnamedBundles } from '../../engine/user-stage/unnamed.ts';
import { ers, type Outcome } from '../cli/project.ts';

const repository = join(import.meta.dirname, '..', '..');

/** A project in a temp folder, with npm packages by a link. */
class Mine {
  readonly root = mkdtempSync(join(tmpdir(), 'ers-mine-'));

  constructor(files: Readonly<Record<string, string>>) {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  ers(...args: readonly string[]): Outcome {
    return ers(this.root, args);
  }
}

const half = 'export function half(value: number): number {\n  return value / 2;\n}\n';

/** A stage that halves a number; `run` is its body. */
const halve = (run: string) => `import { readFile, writeFile } from 'node:fs/promises';
import { defineStage, Type } from 'ers';
import { half } from './half.ts';

export default defineStage({
  does: 'halves a number',
  params: Type.Object({ halve: Type.Object({ plus: Type.Number({ default: 0 }) }) }),
  deps: { number: 'required' },
  outs: { result: 'file' },
  async run({ params, deps, outs }) {
${run}
  },
});
`;

const right = `    const number = Number(await readFile(deps.number, 'utf8'));
    await writeFile(outs.result, String(half(number) + params.halve.plus));`;

const files = {
  'pipeline.yaml': `config: config.yaml
stages:
  number:
    cmd: [sh, '{deps.script}', '{outs.number}']
    deps: { script: number.sh }
    outs: { number: number.txt }
  halve:
    uses: ./stages/halve.ts
    deps: { number: 'number:number' }
    params: [halve]
    outs: { result: result.txt }
`,
  'config.yaml': '{}\n',
  'number.sh': 'printf 8 > "$1"\n',
  'stages/half.ts': half,
  'stages/halve.ts': halve(right),
};

test('a stage of the user is made, kept, and made again for its code alone', () => {
  const mine = new Mine(files);
  expect(mine.ers('run')).toMatchObject({ code: 0, err: '' });
  expect(mine.read('artifacts/halve/result.txt')).toBe('4');
  mine.write('stages/half.ts', `// Half.\n${half.replace('value: number', 'value: number & {}')}`);
  expect(mine.ers('run').out).toMatch(/halve +cached/);
  mine.write('stages/half.ts', half.replace('/ 2', '/ 4'));
  expect(mine.ers('why', 'halve').out).toMatch(/^halve +run +code of stages\/half\.ts changed\n/);
  expect(mine.ers('run')).toMatchObject({ code: 0 });
  expect(mine.read('artifacts/halve/result.txt')).toBe('2');
  expect(mine.ers('dag').out).toContain('halves a number');
});

test('gc knows the bundles from before an edit, and what a dead build left, from those in use', () => {
  const mine = new Mine(files);
  const stages = join(mine.root, '.ers', 'stages');
  const store = join(mine.root, '.ers');
  mine.ers('run');
  const before = readdirSync(stages).filter((name) => !name.endsWith('.json'));
  mine.write('stages/half.ts', half.replace('/ 2', '/ 4 + 0'));
  mine.ers('run');
  mine.write('.ers/stages/building-x1y2z3/result.json', '{}');
  mine.write('.ers/stages/0123456789abcdef.json', 'cut o');
  const later = Date.now() + 2 * 24 * 3600 * 1000;
  const unnamed = () => unnamedBundles(mine.root, store, later).map((path) => basename(path));
  // The validator of its params is the same.
  const named = readFileSync(join(stages, entryIn(stages)), 'utf8');
  const old = before.filter((name) => !named.includes(name));
  expect(old.map((name) => extname(name)).toSorted()).toEqual(['.map', '.mjs']);
  expect(unnamed().toSorted()).toEqual([...old, '0123456789abcdef.json', 'building-x1y2z3'].toSorted());
  expect(unnamedBundles(mine.root, store, Date.now())).toEqual([]);
  const run = announceRun(store, 'at-work');
  expect(unnamed()).toEqual([]);
  run.leave();
  for (const name of unnamed()) rmSync(join(stages, name), { recursive: true });
  expect(mine.ers('run').out).toMatch(/halve +cached/);
});

function entryIn(stages: string): string {
  const [entry = ''] = readdirSync(stages).filter((name) => /^(?!0123)[0-9a-f]{16}\.json$/.test(name));
  return entry;
}

test('code that was changed on the disk after it was built is not run; the next run builds it again', () => {
  const mine = new Mine({
    ...files,
    'number.sh': 'printf 8 > "$1"\nfor file in "$STAGES"/*.mjs; do printf "// flipped" >> "$file"; done\n',
  });
  mine.write(
    'pipeline.yaml',
    files['pipeline.yaml'].replace('    outs: { number', '    env: [STAGES]\n    outs: { number'),
  );
  const env = { STAGES: join(mine.root, '.ers', 'stages') };
  const { code, out, err } = ers(mine.root, ['run'], env);
  expect(code).toBe(1);
  expect(out + err).toContain('ERS_CODE_DAMAGED');
  expect(out + err).toContain('is not the code that halve was built to');
  expect(ers(mine.root, ['run'], env)).toMatchObject({ code: 0 });
  expect(mine.read('artifacts/halve/result.txt')).toBe('4');
});

test('a run with nothing to do starts no process and loads no code of the user', () => {
  const mine = new Mine(files);
  expect(mine.ers('run').code).toBe(0);
  const coverage = mkdtempSync(join(tmpdir(), 'ers-loaded-'));
  onTestFinished(() => rmSync(coverage, { recursive: true, force: true }));
  expect(ers(mine.root, ['run'], { NODE_V8_COVERAGE: coverage }).code).toBe(0);
  const reports = readdirSync(coverage);
  expect(reports).toHaveLength(1);
  const urls = reports.flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
      readonly result: readonly { readonly url: string }[];
    };
    return result.map(({ url }) => url);
  });
  expect(urls.filter((url) => url.includes('/node_modules/') || url.includes('user-stage.mjs'))).toEqual([]);
  // Only the compiled validator of its params.
  expect(urls.filter((url) => url.includes('/.ers/stages/'))).toHaveLength(1);
});

test('an edit while the stage waits counts for the next run', () => {
  const mine = new Mine({
    ...files,
    'number.sh': 'printf 8 > "$1"\nprintf "export const half = () => 100;" > "$HALF"\n',
  });
  mine.write(
    'pipeline.yaml',
    files['pipeline.yaml'].replace('    outs: { number', '    env: [HALF]\n    outs: { number'),
  );
  const env = { HALF: join(mine.root, 'stages', 'half.ts') };
  expect(ers(mine.root, ['run'], env).code).toBe(0);
  expect(mine.read('artifacts/halve/result.txt')).toBe('4');
  expect(ers(mine.root, ['run'], env).out).toMatch(/number +cached[^]*halve +made/);
  expect(mine.read('artifacts/halve/result.txt')).toBe('100');
});

describe('a package that a stage of the user imports', () => {
  const install = (version: string, text: string): string =>
    `printf '{"version":"${version}","type":"module","exports":"./i.js"}' > "$FOO/package.json"; printf "export const half = () => ${text};" > "$FOO/i.js"`;
  const withPackage = (script: string): Mine => {
    const mine = new Mine({
      ...files,
      'pipeline.yaml': files['pipeline.yaml'].replace(
        '    outs: { number',
        '    env: [FOO]\n    outs: { number',
      ),
      'number.sh': `printf 8 > "$1"\n${script}\n`,
      'stages/halve.ts': halve(right).replace('./half.ts', 'foo'),
    });
    rmSync(join(mine.root, 'node_modules'));
    mine.write('node_modules/foo/package.json', '{"version":"1.0.1","type":"module","exports":"./i.js"}');
    mine.write('node_modules/foo/i.js', 'export const half = (value) => value / 2;\n');
    return mine;
  };
  const run = (mine: Mine) => ers(mine.root, ['run'], { FOO: join(mine.root, 'node_modules', 'foo') });

  test('and that is updated while the stage waits is told, nothing is run, and the next run has the new key', () => {
    const mine = withPackage(install('1.0.2', '100'));
    const { code, out, err } = run(mine);
    expect(code).toBe(1);
    expect(out + err).toContain(
      'A package changed before halve started: the key of halve names foo 1.0.1, and 1.0.2 is installed. Nothing was run. [ERS_INPUT_CHANGED]',
    );
    expect(run(mine).out).toMatch(/halve +made/);
    expect(mine.read('artifacts/halve/result.txt')).toBe('100');
  });

  test('and that is updated while the stage runs is told, and nothing is recorded', () => {
    const mine = withPackage('');
    const file = JSON.stringify(join(mine.root, 'node_modules', 'foo', 'package.json'));
    const update = `\n    await writeFile(${file}, '{"version":"1.0.2","type":"module","exports":"./i.js"}');`;
    mine.write('stages/halve.ts', halve(right + update).replace('./half.ts', 'foo'));
    const { code, out, err } = run(mine);
    expect(code).toBe(1);
    expect(out + err).toContain('A package changed while halve ran: the key of halve names foo 1.0.1');
    expect(run(mine).out).not.toMatch(/halve +cached/);
  });
});

describe('a stage of the user that does wrong', () => {
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'throws: its message and the lines of the user',
      '    await Promise.resolve();\n    half(null as never);',
      ['stages/half.ts:2:29 halve crashed: no number. [ERS_STAGE_CRASHED]', 'called at stages/halve.ts:12:5'],
    ],
    ['leaves out an out', '', ['ERS_OUT_MISSING', 'result']],
    [
      'makes a folder for a file',
      "    const { mkdir } = await import('node:fs/promises');\n    await mkdir(outs.result);",
      ['ERS_OUT_KIND', 'is a folder, expected a file'],
    ],
    [
      'writes what no out declares',
      `${right}\n    await writeFile(outs.result.replace('result.txt', 'resutl.txt'), '');`,
      [
        'ERS_OUT_UNDECLARED',
        'halve wrote resutl.txt beside its outs',
        'Its out is result.txt: did the stage misspell it?',
      ],
    ],
    [
      'returns rubbish',
      '    return 42 as never;',
      ['ERS_STAGE_FAILED', 'halve returned 42 (number); expected nothing.'],
    ],
    [
      'starts a worker that it does not declare',
      '    startWorker("tile");',
      ['halve crashed: startWorker is not defined'],
    ],
  ];
  test.each(wrong)('%s', (_, run, expected) => {
    const mine = new Mine({
      ...files,
      'stages/half.ts': half.replace('return', "if (value === null) throw new Error('no number');\n  return"),
      'stages/halve.ts': halve(run),
    });
    const { code, out, err } = mine.ers('run');
    expect(code).toBe(1);
    for (const words of expected) expect(out + err).toContain(words);
    expect(out + err).not.toMatch(/child\.mjs|\.ers\/stages/);
  });

  test('a program that writes what no out declares fails too', () => {
    const mine = new Mine({
      'pipeline.yaml':
        "stages:\n  draw:\n    cmd: 'printf a > {outs.a} && printf b > ../outs/b.txt'\n    outs: { a: a.txt }\n",
    });
    const { code, out, err } = mine.ers('run');
    expect(code).toBe(1);
    expect(out + err).toContain(
      'draw wrote b.txt beside its outs, and no out declares it; nothing was recorded. [ERS_OUT_UNDECLARED]',
    );
  });
});

test('the example of docs/your-own-stage.md runs as it stands there', async () => {
  const page = readFileSync(join(repository, 'docs', 'your-own-stage.md'), 'utf8');
  const shown = [...page.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(
    ([, path = '', text = '']) => [path, text] as const,
  );
  expect(shown.map(([path]) => path)).toEqual([
    'pipeline.yaml',
    'config.yaml',
    'stages/ndvi.ts',
    'stages/bands.ts',
  ]);
  const mine = new Mine(Object.fromEntries(shown));
  mkdirSync(join(mine.root, 'bands'));
  const band = (pixels: readonly number[]) =>
    sharp(Uint8Array.from(pixels), { raw: { width: 2, height: 2, channels: 1 } }).png();
  await band([100, 50, 0, 10]).toFile(join(mine.root, 'bands', 'red.png'));
  await band([100, 150, 0, 190]).toFile(join(mine.root, 'bands', 'nir.png'));
  const { code, out, err } = mine.ers('run');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('50 % of the scene is green');
  expect(JSON.parse(mine.read('artifacts/ndvi/summary.json'))).toEqual({ green: 0.5 });
  const { data } = await sharp(join(mine.root, 'artifacts/ndvi/ndvi.png'))
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  // (index + 1) · 127.5: indices 0, 0.5, 0 (both bands dark) and 0.9.
  expect([...data]).toEqual([128, 191, 128, 242]);
});
