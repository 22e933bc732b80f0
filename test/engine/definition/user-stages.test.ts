import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../../base/fault.ts';
import { temporaryFor } from '../../../cache/temporary.ts';
import { loadBuilt } from '../../../engine/definition/built.ts';
import { loadPipeline } from '../../../engine/definition/load.ts';
import type { BuiltStage } from '../../../engine/built-stage.ts';
import { withUserStages } from '../../../engine/definition/user-stages.ts';
import { buildAll } from '../../build/run-build.ts';
import { project, Tree } from '../../build/tree.ts';

const tree = new Tree();
beforeAll(() => buildAll(tree.root));
afterAll(() => tree.remove());

const pipeline = `config: config.yaml
stages:
  mine:
    uses: ./stages/mine.ts
    deps: { scene: scene.txt }
    params: [mine]
    outs: { table: table.json }
`;

const stage = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    does: "'a test'",
    params: 'Type.Object({ mine: Type.Object({ seed: Type.Integer({ minimum: 0, default: 1 }) }) })',
    deps: "{ scene: 'required' }",
    outs: "{ table: 'file' }",
    run: '() => undefined',
    ...changes,
  };
  const lines = Object.entries(fields).map(([field, value]) => `  ${field}: ${value},`);
  return `import { defineStage, Type } from 'ers';\n\nexport default defineStage({\n${lines.join('\n')}\n});\n`;
};

/** A project of its own with npm packages by a link. */
class Mine {
  readonly root = mkdtempSync(join(tree.root, 'mine-'));

  constructor(files: Readonly<Record<string, string>>) {
    symlinkSync(join(project, 'node_modules'), join(this.root, 'node_modules'));
    for (const [path, text] of Object.entries({
      'pipeline.yaml': pipeline,
      'config.yaml': 'mine: {}\n',
      ...files,
    })) {
      this.write(path, text);
    }
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  async load(): Promise<{ readonly stage?: BuiltStage; readonly faults: readonly string[] }> {
    const loaded = await loadPipeline({
      file: join(this.root, 'pipeline.yaml'),
      set: [],
      dist: join(tree.root, 'dist'),
      env: {},
    });
    if (!loaded.ok) return { faults: loaded.faults.map((fault) => this.say(fault)) };
    const [first] = loaded.value.stages.values();
    if (first?.program.type !== 'uses') throw new Error('no stage of the user');
    return { stage: first.program.definition, faults: [] };
  }

  /** `CODE file:line:column message | hint` */
  say({ code, place, message, hint }: Fault): string {
    const at = [place?.file.replace(`${this.root}/`, ''), place?.line, place?.column].filter(
      (part) => part !== undefined,
    );
    return `${code} ${at.join(':')} ${message}${hint === undefined ? '' : ` | ${hint}`}`.replaceAll(
      this.root,
      'ROOT',
    );
  }
}

async function built(mine: Mine): Promise<BuiltStage> {
  const { stage: found, faults } = await mine.load();
  expect(faults).toEqual([]);
  if (found === undefined) throw new Error('no stage');
  return found;
}

const modules = {
  'stages/mine.ts': `import { half } from './half.ts';\n${stage({ run: '() => { half(3); }' })}`,
  'stages/half.ts': 'export function half(value: number): number {\n  return value / 2;\n}\n',
};

describe('what the key of a stage of the user holds', () => {
  test('comments, layout, types and imports of types leave its code as it is', async () => {
    const mine = new Mine(modules);
    const before = await built(mine);
    mine.write('stages/kinds.ts', 'export interface Kind { readonly a: 1 }\n');
    mine.write(
      'stages/half.ts',
      `// half of it\nimport { Kind } from './kinds.ts';\nexport type Value = number | Kind;\n\nexport function half(value: number & {}): number { return value\n / 2; }\n`,
    );
    const after = await built(mine);
    expect(after.code).toEqual(before.code);
    expect(after.bundle).toBe(before.bundle);
  });

  test('code of a module that it reaches changes it, and names that module', async () => {
    const mine = new Mine(modules);
    const before = await built(mine);
    mine.write('stages/half.ts', modules['stages/half.ts'].replace('/ 2', '/ 3'));
    const after = await built(mine);
    expect(after.code.bundles).not.toEqual(before.code.bundles);
    const changed = Object.keys(after.code.modules).filter(
      (path) => after.code.modules[path] !== before.code.modules[path],
    );
    expect(changed).toEqual(['stages/half.ts']);
  });

  test('names and versions of npm packages, and a worker with its modules', async () => {
    const mine = new Mine({
      'stages/mine.ts': `import sharp from 'sharp';\n${stage({ workers: "['tile-worker']", run: '() => { sharp(); }' })}`,
      'stages/tile-worker.ts': `import { half } from './half.ts';\nhalf(1);`,
      'stages/half.ts': modules['stages/half.ts'],
    });
    const { code, workers } = await built(mine);
    expect(Object.keys(code.bundles)).toEqual(['run', 'tile-worker']);
    expect(Object.keys(code.modules)).toEqual([
      'ers',
      'stages/half.ts',
      'stages/mine.ts',
      'stages/tile-worker.ts',
    ]);
    expect(code.packages).toEqual({ sharp: '0.35.5' });
    expect(existsSync(workers['tile-worker'] ?? '')).toBe(true);
  });

  test('equal files in another folder give equal code, and no bundle holds a path of the machine', async () => {
    const [first, second] = [new Mine(modules), new Mine(modules)];
    const [a, b] = [await built(first), await built(second)];
    expect(a.code).toEqual(b.code);
    for (const mine of [first, second]) {
      const folder = join(mine.root, '.ers', 'stages');
      for (const name of readdirSync(folder).filter((file) => /\.(mjs|map)$/.test(file))) {
        const text = readFileSync(join(folder, name), 'utf8');
        expect(
          [tree.root, project].filter((path) => text.includes(path.slice(1))),
          name,
        ).toEqual([]);
      }
    }
  });
});

describe('what is kept of a built stage', () => {
  const stats = (mine: Mine) => {
    const folder = join(mine.root, '.ers', 'stages');
    return readdirSync(folder)
      .sort()
      .map((name) => `${name} ${readFileSync(join(folder, name)).length}`);
  };

  test('a second load builds nothing, and a file that appears where an import would find it is seen', async () => {
    const files = {
      ...modules,
      'stages/mine.ts': modules['stages/mine.ts'].replace('./half.ts', './half.js'),
    };
    const mine = new Mine(files);
    const before = await built(mine);
    const kept = stats(mine);
    expect(await built(mine)).toEqual(before);
    expect(stats(mine)).toEqual(kept);
    mine.write('stages/half.js', 'export const half = () => 0;\n');
    expect(Object.keys((await built(mine)).code.modules)).toContain('stages/half.js');
  });

  test('an import without a suffix finds the index of a folder, and a file beside two of its name', async () => {
    const named = modules['stages/mine.ts'].replace('./half.ts', './half');
    const folder = new Mine({ 'stages/mine.ts': named, 'stages/half/index.ts': modules['stages/half.ts'] });
    expect(Object.keys((await built(folder)).code.modules)).toContain('stages/half/index.ts');
    folder.write('stages/half.js', 'export const half = () => 0;\n');
    expect(Object.keys((await built(folder)).code.modules)).toContain('stages/half.js');
    folder.write('stages/half.ts', modules['stages/half.ts']);
    expect(Object.keys((await built(folder)).code.modules)).toContain('stages/half.ts');
  });

  test('a package that is a link to a folder of the user is bundled: an edit of it is another code', async () => {
    const mine = new Mine({ 'stages/mine.ts': modules['stages/mine.ts'].replace('./half.ts', 'halves') });
    rmSync(join(mine.root, 'node_modules'));
    mkdirSync(join(mine.root, 'node_modules'));
    symlinkSync('../halves', join(mine.root, 'node_modules', 'halves'));
    mine.write('halves/package.json', '{"version":"1.0.0","type":"module","exports":"./i.js"}');
    mine.write('halves/i.js', 'export const half = (value) => value / 2;\n');
    const before = (await built(mine)).code;
    expect(before.packages).toEqual({});
    expect(Object.keys(before.modules)).toContain('node_modules/halves/i.js');
    mine.write('halves/i.js', 'export const half = (value) => value / 3;\n');
    expect((await built(mine)).code.bundles).not.toEqual(before.bundles);
  });

  test('what an interrupted build left is cleared by the next one', async () => {
    const mine = new Mine(modules);
    const folder = join(mine.root, '.ers', 'stages');
    const mark = temporaryFor('building').replace(
      /-[1-9]\d*-([\w.]+)-([0-9a-f]{8})\.tmp$/,
      '-4194305-$1-$2.tmp',
    );
    mkdirSync(join(folder, mark), { recursive: true });
    await built(mine);
    expect(readdirSync(folder).filter((name) => name.startsWith('building'))).toEqual([]);
  });

  test('a kept file that was cut off, changed or removed is made again', async () => {
    const mine = new Mine(modules);
    const before = await built(mine);
    const folder = join(mine.root, '.ers', 'stages');
    const damages = [
      (whole: Buffer) => whole.subarray(0, whole.length >> 1),
      (whole: Buffer) => Buffer.from(whole.map((byte, at) => (at === 70 ? byte ^ 1 : byte))),
      () => undefined,
    ];
    for (const [index, name] of readdirSync(folder).entries()) {
      const whole = readFileSync(join(folder, name));
      const damaged = damages[index % damages.length]?.(whole);
      if (damaged === undefined) rmSync(join(folder, name));
      else writeFileSync(join(folder, name), damaged);
      expect((await built(mine)).code).toEqual(before.code);
      const again = readFileSync(join(folder, name));
      // An entry holds stats of the bundles, which are others now.
      expect(name.endsWith('.json') ? again.length : again, name).toEqual(
        name.endsWith('.json') ? whole.length : whole,
      );
    }
  });
});

describe('a file that is no stage is told with its place', () => {
  const faulty: readonly (readonly [string, Readonly<Record<string, string>>, readonly RegExp[]])[] = [
    [
      'missing',
      { 'stages/mime.ts': stage() },
      [
        /^ERS_UNKNOWN_USES pipeline\.yaml:4:11 There is no file \.\/stages\/mine\.ts\. \| Did you mean `\.\/stages\/mime\.ts`\?$/,
      ],
    ],
    [
      'a folder',
      { 'stages/mine.ts/a.ts': '' },
      [/^ERS_UNKNOWN_USES pipeline\.yaml:4:11 \.\/stages\/mine\.ts is a folder; expected a file\./],
    ],
    [
      'of another kind',
      { 'pipeline.yaml': pipeline.replace('mine.ts', 'mine.cjs'), 'stages/mine.cjs': '' },
      [
        /^ERS_UNKNOWN_USES pipeline\.yaml:4:11 `\.\/stages\/mine\.cjs` is no stage: expected a file that ends in \.ts or \.js\./,
      ],
    ],
    [
      'an absolute path',
      { 'pipeline.yaml': pipeline.replace('./stages', '/stages') },
      [/^ERS_UNKNOWN_USES pipeline\.yaml:4:11 `\/stages\/mine\.ts` is an absolute path/],
    ],
    [
      'no TypeScript',
      { 'stages/mine.ts': 'export default 3 +;\n' },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:1:19 Unexpected ";"\.$/],
    ],
    [
      'after wide letters on its line',
      { 'stages/mine.ts': "const å = 'äöü'; export default 3 +;\n" },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:1:36 Unexpected ";"\.$/],
    ],
    [
      'a module that is missing',
      { 'stages/mine.ts': `import './gone.ts';\n${stage()}` },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:1:8 Could not resolve "\.\/gone\.ts"\./],
    ],
    [
      'a name that its module does not export',
      { ...modules, 'stages/half.ts': 'export const helf = 1;\n' },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:1:10 No matching export in "stages\/half\.ts" for import "half"\./],
    ],
    [
      'a package that is not installed',
      { 'stages/mine.ts': `import { x } from 'left-pad-of-nobody';\n${stage({ run: '() => x()' })}` },
      [
        /^ERS_STAGE_BUILD stages\/mine\.ts:1:19 The package `left-pad-of-nobody` is not installed\. \| Install it beside pipeline\.yaml: npm install left-pad-of-nobody$/,
      ],
    ],
    [
      'a computed import',
      { 'stages/mine.ts': stage({ run: 'async ({ deps }) => { await import(deps.scene); }' }) },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:8:36 This "import" expression will not be bundled/],
    ],
    [
      'a table imported as code',
      { 'stages/mine.ts': `import t from './t.csv';\n${stage({ run: '() => t' })}`, 'stages/t.csv': '' },
      [
        /^ERS_STAGE_BUILD stages\/mine\.ts:1:15 `t\.csv` cannot be part of a stage's code\. \| Declare it as an input/,
      ],
    ],
    [
      'import.meta',
      { 'stages/mine.ts': stage({ run: '() => { new URL("x", import.meta.url); }' }) },
      [
        /^ERS_STAGE_BUILD stages\/mine\.ts:8:29 `import\.meta` has no meaning in a stage's bundle\. \| Read files from context\.deps/,
      ],
    ],
    [
      'require of a package',
      { 'stages/mine.ts': stage({ run: "() => { require('sharp'); }" }) },
      [
        /^ERS_STAGE_BUILD stages\/mine\.ts:8:24 `require` finds no package in a stage's bundle\. \| Write import … from 'sharp'\.$/,
      ],
    ],
    [
      'inner parts of ers',
      { 'stages/mine.ts': `import 'ers/imaging';\n${stage()}` },
      [/^ERS_STAGE_BUILD stages\/mine\.ts:1:8 ers has no `ers\/imaging`\. \| Import from `ers` alone\.$/],
    ],
    [
      'no default export',
      { 'stages/mine.ts': 'export const run = () => undefined;\n' },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts The file has no default export\. \| Write: export default defineStage/,
      ],
    ],
    [
      'a default export of another kind',
      { 'stages/mine.ts': 'export default 3;\n' },
      [/^ERS_STAGE_DEFINITION stages\/mine\.ts:1:8 The default export is 3 \(number\); expected a stage\./],
    ],
    [
      'wrong fields, all at once',
      {
        'stages/mine.ts': stage({
          does: "''",
          deps: "{ scene: 'needed' }",
          outs: "['table']",
          run: "'later'",
          names: '{}',
          params: 'Type.String()',
        }),
      },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:4:3 `does` is "" \(string\); expected a sentence/,
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:5:3 `params` is a mapping; expected the schema of an object\./,
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:6:11 `deps\.scene` is "needed" \(string\); expected 'required' or 'optional'\./,
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:7:3 `outs` is a list of 1 item; expected names with 'file' or 'folder'\./,
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:8:3 `run` is "later" \(string\); expected a function/,
        /^ERS_STAGE_DEFINITION stages\/mine\.ts:9:3 A stage has no field `names`\./,
      ],
    ],
    [
      'a schema that is none',
      { 'stages/mine.ts': stage({ params: "{ type: 'object', properties: { mine: { type: 'nmber' } } }" }) },
      [/^ERS_STAGE_DEFINITION stages\/mine\.ts:5:3 `params` is no schema: /],
    ],
    [
      'a worker that is missing',
      { 'stages/mine.ts': stage({ workers: "['tile-worker']" }) },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts `workers` names `tile-worker`, but there is no stages\/tile-worker\.ts\./,
      ],
    ],
    [
      'a throw while it is loaded, with the frames of the user alone',
      {
        ...modules,
        'stages/half.ts':
          'export function half(value: number): number {\n  throw new TypeError(`no ${value}`);\n}\nhalf(1);\n',
      },
      [
        /^ERS_STAGE_DEFINITION stages\/half\.ts:2:9 The stage threw while it was loaded: TypeError: no 1; called at stages\/half\.ts:4:1\. \| Only `run` may do work/,
      ],
    ],
    [
      'an exit while it is loaded',
      { 'stages/mine.ts': `${stage()}process.exit(3);\n` },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts The stage ended its process \(exit code 3\) while it was loaded\./,
      ],
    ],
    [
      'a kill while it is loaded',
      { 'stages/mine.ts': `${stage()}process.kill(process.pid, 'SIGKILL');\n` },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts The process that loads the stage was ended by SIGKILL\. \| Only `run` may do work/,
      ],
    ],
    [
      'a wait without end while it is loaded',
      { 'stages/mine.ts': `${stage()}await new Promise(() => undefined);\n` },
      [
        /^ERS_STAGE_DEFINITION stages\/mine\.ts The file waits at its top for something that never comes\. \| Only `run` may do work or wait/,
      ],
    ],
  ];
  test.each(faulty)('%s', async (_, files, expected) => {
    const { faults } = await new Mine(files).load();
    for (const [index, pattern] of expected.entries()) expect(faults[index]).toMatch(pattern);
    expect(faults).toHaveLength(expected.length);
  });

  test('a project in a folder with a backslash', async () => {
    const mine = new Mine({ 'a\\\\b/stages/mine.ts': stage() });
    const root = join(mine.root, 'a\\b');
    const place = { file: 'pipeline.yaml' };
    const uses = { text: './stages/mine.ts', place, key: place, within: () => place };
    const faults: Fault[] = [];
    const dist = join(tree.root, 'dist');
    await withUserStages(await loadBuilt(dist, undefined), [uses], { root, folder: root, dist }, faults);
    expect(faults.map((fault) => mine.say(fault))).toEqual([
      'ERS_UNKNOWN_USES pipeline.yaml Node loads no module from a folder with a backslash in its path, and `./stages/mine.ts` would be kept in ROOT/a\\b/.ers/stages. | Rename the folder of the project, or run a program by `cmd`.',
    ]);
  });

  test('one that never ends being loaded is told when its time is over', async () => {
    const mine = new Mine({ 'stages/mine.ts': `for (;;) {}\n${stage()}` });
    const place = { file: join(mine.root, 'pipeline.yaml'), line: 4, column: 11 };
    const uses = { text: './stages/mine.ts', place, key: place, within: () => place };
    const faults: Fault[] = [];
    const dist = join(tree.root, 'dist');
    await withUserStages(
      await loadBuilt(dist, undefined),
      [uses],
      { root: mine.root, folder: mine.root, dist, limitMs: 300 },
      faults,
    );
    expect(faults.map((fault) => mine.say(fault))).toEqual([
      'ERS_STAGE_DEFINITION stages/mine.ts The stage was not loaded within 0.3 s. | Only `run` may do work or wait: the rest of the file is loaded to read the definition.',
    ]);
  });

  test('one that never ends being loaded ends with ers itself', async () => {
    const mine = new Mine({ 'stages/mine.ts': `for (;;) {}\n${stage()}` });
    const dist = join(tree.root, 'dist');
    const { build } = await loadBuilt(dist, undefined);
    const folder = mkdtempSync(join(mine.root, 'built-'));
    const request = { root: mine.root, entry: 'stages/mine.ts', ers: tree.root, folder };
    const asked = { ...request, result: join(folder, 'result.json'), limitMs: 3_600_000 };
    const builder = spawn(process.execPath, [join(dist, build, 'user-stage.mjs'), JSON.stringify(asked)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    builder.stdin.end();
    await once(builder, 'exit');
    expect(existsSync(asked.result)).toBe(false);
  });

  test('one that prints while it is loaded is right', async () => {
    const mine = new Mine({
      'stages/mine.ts': `console.log('{"status":"failed"}'); console.error('x');\n${stage()}`,
    });
    expect((await mine.load()).faults).toEqual([]);
  });
});

describe('what pipeline.yaml and the config say of a stage of the user', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    [
      'a param out of its range',
      { 'config.yaml': 'mine:\n  seed: -1\n' },
      ['ERS_SCHEMA config.yaml:2:9 `mine.seed`: expected an integer of at least 0, got -1 (number).'],
    ],
    [
      'a key that the schema does not name',
      { 'config.yaml': 'mine: { sede: 1 }\n' },
      ['ERS_UNKNOWN_KEY config.yaml:1:9 Unknown key `sede` in `mine`. | Did you mean `seed`?'],
    ],
    [
      'an input and an out that it has not',
      { 'pipeline.yaml': pipeline.replace('scene:', 'scenes:').replace('table:', 'tabel:') },
      [
        'ERS_SCHEMA pipeline.yaml:5:13 ./stages/mine.ts has no input `scenes`. | Did you mean `scene`?',
        'ERS_UNKNOWN_OUT pipeline.yaml:7:13 ./stages/mine.ts makes no out `tabel`. | Did you mean `table`?',
      ],
    ],
  ];
  test.each(wrong)('%s', async (_, files, expected) => {
    expect((await new Mine({ 'stages/mine.ts': stage(), ...files }).load()).faults).toEqual(expected);
  });

  test('defaults of a schema that is plain JSON are filled in', async () => {
    const plain =
      "{ type: 'object', properties: { mine: { type: 'object', properties: { seed: { type: 'integer', default: 4 } } } } }";
    const mine = new Mine({ 'stages/mine.ts': stage({ params: plain }) });
    const loaded = await loadPipeline({
      file: join(mine.root, 'pipeline.yaml'),
      set: [],
      dist: join(tree.root, 'dist'),
      env: {},
    });
    expect(loaded.ok && [...loaded.value.stages.values()].map(({ params }) => params)).toEqual([
      { mine: { seed: 4 } },
    ]);
  });
});
