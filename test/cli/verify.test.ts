import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tinyProject, type TinyProject } from './project.ts';

const bin = join(import.meta.dirname, '../../bin/ers.js');

function made(): TinyProject {
  const project = tinyProject();
  onTestFinished(() => {
    project.remove();
  });
  expect(project.ers('run').code).toBe(0);
  return project;
}

const stored = (project: TinyProject, path = 'draw/text.txt'): string =>
  realpathSync(join(project.folder, 'artifacts', path));

/** Opens a stored file and its folder for a deed that no program of ours does. */
function tamper(file: string, deed: (file: string) => void): void {
  chmodSync(file, 0o644);
  deed(file);
}

it('verify reads everything, moves a damaged artifact aside, and the next run makes it again', () => {
  const project = made();
  expect(project.ers('verify')).toMatchObject({ code: 0, out: '2 artifacts intact (16 B read)\n' });
  const file = stored(project);
  const before = statSync(file);
  tamper(file, () => writeFileSync(file, 'aXa'));
  chmodSync(file, 0o444);
  utimesSync(file, before.atime, before.mtime);

  const { code, out } = project.ers('verify');
  expect(code).toBe(1);
  expect(out).toMatch(
    /^damaged {2}draw:text \(text\.txt\)\n {2}moved to .*; the next ers run makes it again\n1 artifact intact \(16 B read\), 1 damaged\n$/,
  );
  expect(project.ers('verify')).toMatchObject({
    code: 0,
    out: '1 artifact intact (13 B read), 1 found damaged before\n',
  });
  expect(project.ers('status').out).toMatch(/^draw +run +artifact text was damaged and moved aside$/m);
  expect(project.ers('run').out).toMatch(/1 made/);
  expect(readFileSync(join(project.folder, 'artifacts', 'draw', 'text.txt'), 'utf8')).toBe('aaa');
  expect(project.ers('verify').out).toBe('2 artifacts intact (16 B read)\n');
});

describe('verify finds', () => {
  it.each<readonly [string, (file: string) => void, string]>([
    ['a file cut short', (file) => truncateSync(file, 2), 'text.txt'],
    ['a file that is missing', (file) => rmSync(file), 'text.txt'],
    ['a file too many', (file) => writeFileSync(join(dirname(file), 'more.txt'), ''), 'more.txt'],
    [
      'a folder in place of a file',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      'text.txt',
    ],
    [
      'a link to other bytes',
      (file) => {
        rmSync(file);
        symlinkSync('/etc/passwd', file);
      },
      'text.txt',
    ],
    [
      'a link that leads nowhere',
      (file) => {
        rmSync(file);
        symlinkSync('nowhere', file);
      },
      'text.txt',
    ],
  ])('%s', (_, deed, named) => {
    const project = made();
    tamper(stored(project), deed);
    const { code, out, err } = project.ers('verify');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(`damaged  draw:text (${named})\n`);
    expect(project.ers('run').code).toBe(0);
    expect(lstatSync(stored(project)).isFile()).toBe(true);
    expect(readFileSync(join(project.folder, 'artifacts/draw/text.txt'), 'utf8')).toBe('aaa');
  });

  it('trees that no record names, damaged records, and results of former runs', () => {
    const project = made();
    expect(project.runWith('b').code).toBe(0);
    tamper(stored(project), (file) => writeFileSync(file, 'bXb'));
    const records = join(project.folder, '.ers/records');
    const [key = ''] = readdirSync(records);
    tamper(join(records, key, '1.json'), (file) => truncateSync(file, 100));
    const trees = join(project.folder, '.ers/trees');
    mkdirSync(join(trees, '0'.repeat(64)));
    expect(project.runWith('a').code).toBe(0);
    const { code, out } = project.ers('verify');
    expect(code).toBe(1);
    expect(out).toContain(`damaged  ?:${'0'.repeat(64)}\n`);
    expect(out).toContain(`damaged  record ${key}/1.json\n`);
    expect(out).toMatch(/damaged {2}\S+ \(text\.txt\)\n.*; it is of an older result, and is made again when/);
    expect(project.ers('verify').code).toBe(0);
  });
});

it('with --json each output is a line as soon as it is known, and the last line counts them', () => {
  const project = made();
  tamper(stored(project), (file) => writeFileSync(file, 'aXa'));
  const { code, out } = project.ers('verify', '--json');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(code).toBe(1);
  expect(lines.map(({ type, state }) => state ?? type).toSorted()).toEqual(['damaged', 'intact', 'verified']);
  expect(lines.at(-1)).toMatchObject({ intact: 1, damaged: 1, records: [], bytes: 16, complete: true });
});

it('a file of any size is read in little memory, on several threads, and named if it is damaged', () => {
  const project = made();
  const file = stored(project);
  // Zeros that take no place on the disk.
  tamper(file, () => truncateSync(file, 300e6));
  renameSync(file, join(dirname(file), 'large'));
  const peak = join(project.folder, 'peak');
  const tell = `process.on('exit', () => require('fs').writeFileSync('${peak}', String(process.resourceUsage().maxRSS)))`;
  writeFileSync(join(project.folder, 'tell.cjs'), tell);
  const child = project.ersWith({ NODE_OPTIONS: `--require ${join(project.folder, 'tell.cjs')}` }, 'verify');
  expect(child.code).toBe(1);
  expect(child.out).toContain('damaged  draw:text (large, text.txt)\n');
  expect(child.out).toContain('(300 MB read)');
  // Kibibytes; a Node that does nothing has some 50 000, each thread some 15 000 more.
  expect(Number(readFileSync(peak, 'utf8'))).toBeLessThan(200_000);
});

/** The first ones may come before a byte was read. */
const tellsTimeLeft = (line: Readonly<Record<string, unknown>>): boolean =>
  line['type'] === 'progress' && line['secondsLeft'] !== null;

it('Ctrl-C ends verify in the middle of a file, with what it found so far and exit code 130', async () => {
  const project = made();
  // On one thread that of `draw` is read before it: its tree has the lower digest.
  const file = stored(project, 'count/metrics.json');
  tamper(file, () => truncateSync(file, 1e12));
  const child = spawn(process.execPath, [bin, 'verify', '--json'], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const lines: Readonly<Record<string, unknown>>[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
    const isMidway = lines.some(({ type }) => type === 'checked') && lines.some(tellsTimeLeft);
    // A second one would end it at once.
    if (isMidway && !child.killed) child.kill('SIGINT');
  }
  expect(((await ended) as readonly unknown[])[0]).toBe(130);
  expect(lines.filter(({ type }) => type === 'checked')).toEqual([
    expect.objectContaining({ stage: 'draw', state: 'intact' }),
  ]);
  expect(lines.find(tellsTimeLeft)?.['secondsLeft']).toBeGreaterThan(1);
  expect(lines.at(-1)).toMatchObject({ type: 'verified', intact: 1, damaged: 0, complete: false });
  expect(readdirSync(join(project.folder, '.ers/quarantine'))).toEqual([]);
});
