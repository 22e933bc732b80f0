import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { PlannedStage } from '../../engine/events.ts';
import { ers } from '../cli/project.ts';
import { startErs } from '../stepped/ers.ts';
import { checkout, tempFolder } from './project.ts';

const pipeline = (cmd = 'ls {deps.tiles} > {outs.list}; echo {params.unit} >> {outs.list}', outs = '') => `
config: config.yaml
stages:
  scan:
    cmd: '${cmd}'
    deps: { tiles: tiles }
    params: [unit]
    env: [TILE_MODE]
    outs: { list: list.txt${outs} }
  copy:
    cmd: [cp, '{deps.list}', '{outs.copy}']
    deps: { list: 'scan:list' }
    outs: { copy: copy.txt }
`;

let made: string;
beforeAll(() => {
  made = tempFolder();
  put(made, 'pipeline.yaml', pipeline());
  put(made, 'config.yaml', 'unit: files\n');
  for (const name of ['a', 'b', 'c']) put(made, `tiles/${name}.png`, name);
  const first = ers(made, ['run']);
  expect(first.code, first.out + first.err).toBe(0);
});

function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function copied(): string {
  const folder = join(tempFolder(), 'copy');
  cpSync(made, folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return folder;
}

function damage(file: string): void {
  chmodSync(file, 0o644);
  appendFileSync(file, 'damage');
}

interface Case {
  readonly stage?: 'scan' | 'copy';
  readonly change: (folder: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** The phrase on each line of a plan. */
  readonly says: string;
  readonly reason: object;
}

const stored = (folder: string, path: string) => realpathSync(join(folder, 'artifacts', path));

test.each<[string, Case]>([
  [
    'a param',
    {
      change: (folder) => put(folder, 'config.yaml', 'unit: tiles\n'),
      says: 'unit files → tiles',
      reason: { type: 'param', key: 'unit', before: 'files', after: 'tiles' },
    },
  ],
  [
    'a file added to a folder',
    {
      change: (folder) => put(folder, 'tiles/d.png', 'd'),
      says: 'tiles: d.png added',
      reason: { type: 'dep-changed', files: [{ path: 'd.png', change: 'added' }], changes: 1 },
    },
  ],
  [
    'a file removed from a folder',
    {
      change: (folder) => rmSync(join(folder, 'tiles/b.png')),
      says: 'tiles: b.png removed',
      reason: { type: 'dep-changed', files: [{ path: 'b.png', change: 'removed' }], changes: 1 },
    },
  ],
  [
    'a file changed in a folder',
    {
      change: (folder) => put(folder, 'tiles/b.png', 'x'),
      says: 'tiles: b.png changed',
      reason: { type: 'dep-changed', files: [{ path: 'b.png', change: 'changed' }], changes: 1 },
    },
  ],
  [
    'a file renamed in a folder',
    {
      change: (folder) => renameSync(join(folder, 'tiles/b.png'), join(folder, 'tiles/z.png')),
      says: 'tiles: b.png renamed to z.png',
      reason: { type: 'dep-changed', files: [{ path: 'z.png', change: 'renamed', from: 'b.png' }] },
    },
  ],
  [
    'a declared environment value',
    {
      change: () => undefined,
      env: { TILE_MODE: 'fast' },
      says: 'environment TILE_MODE (unset) → fast',
      reason: { type: 'env', name: 'TILE_MODE', before: null, after: 'fast' },
    },
  ],
  [
    'the command',
    {
      change: (folder) => put(folder, 'pipeline.yaml', pipeline('ls {deps.tiles} > {outs.list}')),
      says: 'its command changed',
      reason: { type: 'command', after: 'ls {deps.tiles} > {outs.list}' },
    },
  ],
  [
    'a new output declared',
    {
      change: (folder) =>
        put(
          folder,
          'pipeline.yaml',
          pipeline(
            'cp {deps.tiles}/a.png {outs.list}; cp {deps.tiles}/a.png {outs.more}',
            ', more: more.txt',
          ),
        ),
      says: 'its command changed, new output more (more.txt)',
      reason: { type: 'outs', added: ['more (more.txt)'], removed: [] },
    },
  ],
  [
    'an artifact that is missing',
    {
      stage: 'copy',
      change: (folder) => rmSync(dirname(stored(folder, 'copy/copy.txt')), { recursive: true }),
      says: 'artifact copy is missing',
      reason: { type: 'artifact-missing', out: 'copy' },
    },
  ],
  [
    'an artifact that is damaged',
    {
      change: (folder) => damage(stored(folder, 'scan/list.txt')),
      says: 'artifact list is damaged (list.txt)',
      reason: { type: 'artifact-damaged', out: 'list', file: 'list.txt' },
    },
  ],
  [
    'a new output of the stage above',
    {
      stage: 'copy',
      change: (folder) => {
        put(folder, 'tiles/d.png', 'd');
        expect(ers(folder, ['run', 'scan']).code).toBe(0);
      },
      says: 'scan:list changed',
      reason: { type: 'dep-changed', source: 'scan:list', files: [], changes: 1 },
    },
  ],
])('%s is named alike by why, its --json, the dry run, status and the run itself', async (_, each) => {
  const folder = copied();
  const { stage = 'scan', env = {} } = each;
  each.change(folder);
  const asked = [['why', stage, '--json'], ['why', stage], ['run', '--dry'], ['status']].map((args) =>
    startErs(folder, args, env),
  );
  const codes = await Promise.all(asked.map(({ ended }) => ended));
  expect(codes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const [json, why, dry, status] = asked.map(({ lines }) => lines.join('\n'));
  const { state, reasons } = JSON.parse(json ?? '') as PlannedStage;
  expect(state).toBe('run');
  expect(reasons).toContainEqual(expect.objectContaining(each.reason));
  const line = `${stage.padEnd(8)}  run        ${each.says}`;
  for (const text of [dry, status]) expect(text?.split('\n')).toContain(line);
  // More than one line of reasons stand below each other.
  const last = each.says.split(', ').at(-1) ?? '';
  if (reasons.length === 1 && !each.says.includes('command')) expect(why?.split('\n')[0]).toBe(line);
  else
    expect(why).toContain(last.includes('command') ? 'its command is:  ls {deps.tiles} > {outs.list}' : last);
  const ran = ers(folder, ['run'], env);
  expect(ran.code, ran.err).toBe(0);
  expect(ran.out.split('\n')).toContain(line);
});

const own = `import { copyFileSync } from 'node:fs';
import { defineStage, Type } from 'ers';
import { twice } from './twice.mjs';
export default defineStage({
  does: 'copies', params: Type.Object({}), deps: { list: 'required' }, outs: { copy: 'file' },
  async run({ deps, outs }) { twice(); copyFileSync(deps.list, outs.copy); },
});
`;

test('a module of its code is named alike by why and the run', () => {
  const folder = tempFolder();
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  const stage =
    'stages:\n  own:\n    uses: ./own.mjs\n    deps: { list: list.txt }\n    outs: { copy: copy.txt }\n';
  put(folder, 'pipeline.yaml', stage);
  put(folder, 'list.txt', 'a');
  put(folder, 'own.mjs', own);
  put(folder, 'twice.mjs', 'export function twice() { return 2; }\n');
  expect(ers(folder, ['run']).code).toBe(0);
  put(folder, 'twice.mjs', 'export function twice() { return 3; }\n');
  const line = 'own       run        code of twice.mjs changed\n';
  expect(ers(folder, ['why', 'own']).out).toContain(line);
  expect(ers(folder, ['run']).out).toContain(line);
});

test('--force is the reason on each line of the plan and the run, and why tells afterwards that the result was forced', () => {
  const folder = copied();
  const line = 'scan      run        forced';
  for (const args of [
    ['run', 'scan', '--force', '--dry'],
    ['run', 'scan', '--force'],
  ]) {
    expect(ers(folder, args).out.split('\n')).toContain(line);
  }
  const { out } = ers(folder, ['why', 'scan']);
  expect(out).toContain('scan      cached     same parameters, code and inputs\n');
  expect(out).toMatch(/^ {2}last made \d{4}-.*Z in \d+\.\d s, forced: 1 file$/m);
});

test('why names each of many changed files on a line of its own, and a plan the first three', () => {
  const folder = copied();
  for (let at = 0; at < 30; at += 1) put(folder, `tiles/more-${String(at).padStart(2, '0')}.png`, `${at}`);
  expect(ers(folder, ['status']).out).toContain(
    'scan      run        tiles: 30 files added: more-00.png, more-01.png, more-02.png …\n',
  );
  const { out } = ers(folder, ['why', 'scan']);
  expect(out).toContain('scan  run\n  tiles: more-00.png added\n');
  expect(out).toContain('  tiles: more-19.png added\n  tiles: … and 10 more\n');
});
