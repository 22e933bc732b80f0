import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moveFolder } from '../../cache/move-folder.ts';
import { tempFolder } from '../temp-folder.ts';
import { mount } from './mount.ts';

test('a folder goes to another disk whole: names that are no UTF-8, modes and links; a FIFO is not waited for', (context) => {
  const from = join(tempFolder('ers-move-'), 'tree');
  mkdirSync(join(from, 'inner'), { recursive: true });
  const odd = Buffer.concat([Buffer.from(`${from}/inner/`), Buffer.from([0xff])]);
  writeFileSync(odd, 'odd');
  chmodSync(odd, 0o444);
  symlinkSync('../elsewhere', join(from, 'link'));
  execFileSync('mkfifo', [join(from, 'fifo')]);
  const disk = mount(context, tempFolder('ers-move-disk-'), '-t', 'tmpfs', 'ers');
  const to = join(disk, 'moved');
  moveFolder(from, to);
  expect(existsSync(from)).toBe(false);
  expect(readdirSync(disk)).toEqual(['moved']);
  expect(readdirSync(to)).toEqual(['inner', 'link']);
  expect(readlinkSync(join(to, 'link'))).toBe('../elsewhere');
  const moved = Buffer.concat([Buffer.from(`${to}/inner/`), Buffer.from([0xff])]);
  expect(readFileSync(moved, 'utf8')).toBe('odd');
  expect(lstatSync(moved).mode & 0o777).toBe(0o444);
});

test('a folder that could not be put in its place leaves no copy beside it', (context) => {
  const from = join(tempFolder('ers-move-'), 'tree');
  mkdirSync(from);
  writeFileSync(join(from, 'a'), 'a');
  const disk = mount(context, tempFolder('ers-move-disk-'), '-t', 'tmpfs', 'ers');
  mkdirSync(join(disk, 'taken/full'), { recursive: true });
  expect(() => moveFolder(from, join(disk, 'taken'))).toThrow(/ENOTEMPTY|EEXIST/);
  expect(readdirSync(disk)).toEqual(['taken']);
  expect(readdirSync(from)).toEqual(['a']);
});
