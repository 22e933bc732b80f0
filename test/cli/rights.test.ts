import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeSelf } from '../../cache/holder.ts';
import { project } from '../build/tree.ts';
import { tinyProject } from './project.ts';
import { ersUnprivileged, hand, rightsCount } from './unprivileged.ts';

function tiny() {
  const made = tinyProject();
  made.ers('--version');
  chmodSync(made.folder, 0o755);
  onTestFinished(() => {
    chmodSync(made.folder, 0o755);
    made.remove();
  });
  return made;
}

describe.skipIf(!rightsCount)('what may not be read or written', () => {
  test('a folder that a stage closed to everybody is a fault of its out, and nothing of it is left', () => {
    const { folder } = tiny();
    hand(folder);
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      [
        'stages:',
        '  shut:',
        "    cmd: [/bin/sh, -c, 'mkdir $1/in && touch $1/in/f && chmod 000 $1/in', sh, '{outs.o}']",
        '    outs: { o: o/ }',
        'default: [shut]',
        '',
      ].join('\n'),
    );
    const { code, out, err } = ersUnprivileged(folder, ['run']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain('has a part that cannot be read. [ERS_OUT_KIND]');
    expect(readdirSync(join(folder, '.ers', 'attempts'))).toEqual([]);
    expect(ersUnprivileged(folder, ['gc']).code).toBe(0);
  });

  test('the time of last use that another user has set stays as it is, and the result is a hit', () => {
    const made = tiny();
    expect(made.ers('run').code).toBe(0);
    const used = join(made.folder, '.ers/used');
    const times = () => readdirSync(used).map((name) => statSync(join(used, name)).mtimeMs);
    expect(made.ers('run').code).toBe(0);
    const before = times();
    expect(before.length).toBeGreaterThan(0);
    for (const name of readdirSync(made.folder, { recursive: true, encoding: 'utf8' })) {
      if (!/^\.ers\/used\/./.test(name) && !lstatSync(join(made.folder, name)).isSymbolicLink())
        hand(join(made.folder, name));
    }
    hand(made.folder);
    const { code, out, err } = ersUnprivileged(made.folder, ['run']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('2 cached');
    expect(times()).toEqual(before);
  });

  test('artifacts/ that is closed: the run ends well, with one warning that names it', () => {
    const { folder } = tiny();
    mkdirSync(join(folder, '.ers'));
    mkdirSync(join(folder, 'artifacts'));
    hand(join(folder, '.ers'));
    hand(folder);
    chmodSync(join(folder, 'artifacts'), 0o555);
    const { code, out, err } = ersUnprivileged(folder, ['run']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const told =
      'artifacts cannot be written: permission denied (EACCES); the results are safe in the store.';
    // Once when it happens and once at the end, for two stages.
    expect(out.split(told)).toHaveLength(3);
    expect(ersUnprivileged(folder, ['run']).code).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "in a shared store what another user's dead run left, processes and closed folders, stops nobody's run",
    async () => {
      const { folder } = tiny();
      const shell = spawn('/bin/sh', ['-c', 'sleep 300 > /dev/null & echo $!'], { detached: true });
      const exited = once(shell, 'exit');
      const pid = Number(String((await once(shell.stdout, 'data'))[0]));
      onTestFinished(() => void process.kill(pid, 'SIGKILL'));
      await exited;
      const attempts = join(folder, '.ers/attempts');
      const { bootId, pidNamespace } = describeSelf('');
      for (const [name, holder] of [
        ['000000001-000000000001', describeSelf('')],
        ['000000001-000000000002', { ...describeSelf(''), startTime: '1' }],
      ] as const) {
        const attempt = join(attempts, name);
        mkdirSync(attempt, { recursive: true });
        writeFileSync(join(attempt, 'holder.json'), JSON.stringify(holder));
        writeFileSync(join(attempt, 'job.json'), '{"key":"k"}');
        writeFileSync(join(attempt, 'group'), JSON.stringify({ group: shell.pid, bootId, pidNamespace }));
      }
      for (const path of [folder, join(folder, '.ers'), attempts]) hand(path);
      const closed = join(attempts, '000000001-000000000001');
      chmodSync(join(closed, 'holder.json'), 0o600);
      chmodSync(join(closed, 'job.json'), 0o600);
      expect(ersUnprivileged(folder, ['run'])).toMatchObject({ code: 0, err: '' });
      expect(existsSync(join(attempts, '000000001-000000000002/holder.json'))).toBe(true);
      expect(existsSync(join(closed, 'holder.json'))).toBe(true);
    },
  );

  test('folders that a stage closed go with its attempt, and one in its checkpoint is taken over', () => {
    const { folder } = tiny();
    const close = (at: string) => `mkdir ${at} && echo x > ${at}/f && chmod 555 ${at}`;
    const resumed = '[ -e ../checkpoint/r/f ]';
    const begin = `${close('../checkpoint/r')} && ${close('r')} && chmod 0 ../checkpoint && kill -9 $$`;
    const stages = {
      closes: { cmd: `${close('../tmp/r')} && ${close('r')} && echo x > {outs.t}`, outs: { t: 't.txt' } },
      killed: { cmd: `if ${resumed}; then echo x > {outs.t}; else ${begin}; fi`, outs: { t: 't.txt' } },
    };
    writeFileSync(join(folder, 'pipeline.yaml'), JSON.stringify({ stages }));
    hand(folder);
    expect(ersUnprivileged(folder, ['run', 'closes'])).toMatchObject({ code: 0, err: '' });
    expect(ersUnprivileged(folder, ['run', 'killed'])).toMatchObject({ code: 1, err: '' });
    expect(ersUnprivileged(folder, ['gc', '--dry'])).toMatchObject({ code: 0, err: '' });
    const { code, out } = ersUnprivileged(folder, ['run', 'killed']);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^killed +resumed /m) as string,
    });
    expect(readdirSync(join(folder, '.ers/attempts'))).toEqual([]);
  });

  test('a config that may not be read is a fault, not a stack', () => {
    const { folder } = tiny();
    chmodSync(join(folder, 'config.yaml'), 0o200);
    const { code, out, err } = ersUnprivileged(folder, ['status']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('config.yaml cannot be read: permission denied (EACCES). [ERS_USAGE]');
    expect(err).toContain('ls -l config.yaml');
    expect(err).not.toContain('    at ');
  });

  test('a pipeline that may not be read is a fault, not a stack', () => {
    const { folder } = tiny();
    chmodSync(join(folder, 'pipeline.yaml'), 0o200);
    const { code, err } = ersUnprivileged(folder, ['run']);
    expect(code).toBe(2);
    expect(err).toContain('pipeline.yaml cannot be read: permission denied (EACCES). [ERS_USAGE]');
    expect(err).not.toContain('    at ');
  });

  test('ers that is not built and cannot be built says so in one sentence', () => {
    const root = mkdtempSync(join(tmpdir(), 'ers-unbuilt-'));
    onTestFinished(() => {
      chmodSync(root, 0o755);
      rmSync(root, { recursive: true });
    });
    for (const path of ['package.json', 'bin', 'build'])
      cpSync(join(project, path), join(root, path), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
    chmodSync(root, 0o555);
    const { code, err } = ersUnprivileged(root, ['--version'], join(root, 'bin', 'ers.js'));
    expect(code).toBe(2);
    expect(err).toBe(
      `building ers…\nERS_BUILD: ers must build itself once into ${join(root, 'dist')}, which cannot be written (EACCES). Run any ers command there as its owner, or install ers where you may write.\n`,
    );
  });
});
