import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { mount } from '../cache/mount.ts';
import { ers, tinyProject, type TinyProject } from '../cli/project.ts';
import { tempFolder } from '../temp-folder.ts';

/** Outlives the mount below it. */
function project(): TinyProject {
  const made = tinyProject();
  onTestFinished(() => {
    made.remove();
  });
  return made;
}

/** A disk of 1 MB for so many files, folders and links. */
function disk(context: TestContext, files = 1000): string {
  const folder = tempFolder('ers-disk-');
  return mount(context, folder, '-t', 'tmpfs', '-o', `size=1m,nr_inodes=${files}`, 'ers');
}

function fill(folder: string): void {
  const much =
    'mkdir "$0"; cat /dev/zero > "$0/0" 2>/dev/null; n=0; while : 2>/dev/null > "$0/n$n"; do n=$((n+1)); done';
  spawnSync('sh', ['-c', much, join(folder, 'ballast')]);
}

function empty(folder: string): void {
  rmSync(join(folder, 'ballast'), { recursive: true });
}

const text = ({ folder }: TinyProject): string =>
  readFileSync(join(folder, 'artifacts/draw/text.txt'), 'utf8');

describe('a full disk', () => {
  test('below the store: the run says so and records nothing; with space again it is right', (context) => {
    const made = project();
    const store = join(disk(context), 'store');
    const run = () => ers(made.folder, ['run'], { ERS_STORE: store });
    expect(ers(made.folder, ['status'], { ERS_STORE: store }).code).toBe(0);
    fill(join(store, '..'));
    const full = run();
    expect(full.code).toBe(1);
    expect(full.out).toContain('ERS_DISK_FULL');
    expect(full.out + full.err).not.toMatch(/^ {4}at /m);
    expect(readdirSync(join(store, 'records'))).toEqual([]);
    empty(join(store, '..'));
    expect(run().code).toBe(0);
    expect(text(made)).toBe('aaa');
  });

  test('below artifacts/ or .ers/ of the project: results are made and told to be safe; the next run shows them', (context) => {
    for (const place of ['artifacts', '.ers']) {
      const made = project();
      const [full, store] = [join(disk(context, 60), place), join(made.folder, 'store')];
      mkdirSync(full);
      symlinkSync(full, join(made.folder, place));
      fill(join(full, '..'));
      const run = () => ers(made.folder, ['run'], { ERS_STORE: store });
      const first = run();
      expect([place, first.code, first.err]).toEqual([place, 0, '']);
      expect(first.out).toMatch(/no space is left on the disk|ENOSPC/);
      expect(readdirSync(join(store, 'records'))).toHaveLength(2);
      empty(join(full, '..'));
      const next = run();
      expect([place, next.code]).toEqual([place, 0]);
      expect(next.out).toContain('2 cached');
      expect(text(made)).toBe('aaa');
    }
  });
});

test('a read-only store: hits work, and a stale stage is refused before it starts', (context) => {
  const made = project();
  const at = disk(context);
  const run = (...args: readonly string[]) => ers(made.folder, args, { ERS_STORE: join(at, 'store') });
  expect(run('run').code).toBe(0);
  rmSync(join(made.folder, 'artifacts'), { recursive: true });
  spawnSync('mount', ['-o', 'remount,ro', at]);
  const hit = run('run');
  expect([hit.code, hit.err]).toEqual([0, '']);
  expect(hit.out).toContain('2 cached');
  expect(text(made)).toBe('aaa');
  expect(run('verify').code).toBe(0);
  const started = join(made.folder, 'started');
  writeFileSync(
    join(made.folder, 'pipeline.yaml'),
    `stages:\n  draw: { cmd: 'touch ${started}; echo b > {outs.text}', outs: { text: text.txt } }\n`,
  );
  const stale = run('run');
  expect(stale.code).not.toBe(0);
  expect(stale.out).toContain('ERS_STORE_READ_ONLY');
  expect(stale.out + stale.err).not.toMatch(/^ {4}at /m);
  expect(existsSync(started)).toBe(false);
  expect(text(made)).toBe('aaa');
});

test('a store of which a part lies in the image below an overlay, as in a container: gc, verify and a run move trees', (context) => {
  const made = tinyProject();
  onTestFinished(() => {
    made.remove();
  });
  expect(made.runWith('a').code).toBe(0);
  expect(made.runWith('b').code).toBe(0);
  const upper = mount(context, tempFolder('ers-upper-'), '-t', 'tmpfs', 'ers');
  for (const name of ['up', 'work']) mkdirSync(join(upper, name));
  const layers = `lowerdir=${made.folder},upperdir=${join(upper, 'up')},workdir=${join(upper, 'work')}`;
  const folder = mount(context, tempFolder('ers-overlay-'), '-t', 'overlay', 'ers', '-o', layers);
  expect(ers(folder, ['gc', '--max-size', '0'])).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(join(folder, '.ers/trees'))).toHaveLength(2);
  for (const command of ['run', 'verify']) {
    const file = realpathSync(join(folder, 'artifacts/draw/text.txt'));
    chmodSync(file, 0o644);
    writeFileSync(file, 'bad');
    const told = ers(folder, [command]);
    expect([command, told.code, told.err]).toEqual([command, command === 'run' ? 0 : 1, '']);
    expect(readdirSync(join(folder, '.ers/quarantine')).some((name) => name.endsWith('.tmp'))).toBe(false);
    expect(ers(folder, ['run']).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('bbb');
  }
});
