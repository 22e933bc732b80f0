import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeOwnFolder } from '../../cache/own-folder.ts';
import { tempFolder } from '../temp-folder.ts';

test('a folder that is made has git pass over it', () => {
  const folder = join(tempFolder(), 'artifacts');
  makeOwnFolder(folder);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
});

test('what the user has done about git stays', () => {
  const folder = join(tempFolder(), 'artifacts');
  makeOwnFolder(folder);
  writeFileSync(join(folder, '.gitignore'), '*.tif\n');
  makeOwnFolder(folder);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*.tif\n');
  rmSync(join(folder, '.gitignore'));
  makeOwnFolder(folder);
  expect(existsSync(join(folder, '.gitignore'))).toBe(false);
});

test('a folder of the user gets none', () => {
  const folder = join(tempFolder(), 'artifacts');
  mkdirSync(folder);
  makeOwnFolder(folder);
  expect(existsSync(join(folder, '.gitignore'))).toBe(false);
});
