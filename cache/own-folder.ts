import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isExisting } from './errno.ts';

/**
 * Makes a folder for what ers makes, in a folder that is there, with a `.gitignore` that has git pass over all of it: a
 * store is gigabytes that any run makes again. A folder that is there already stays as it is, so that one whose
 * `.gitignore` the user took away or wrote otherwise keeps to that.
 */
export function makeOwnFolder(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path);
  } catch (error) {
    if (isExisting(error)) return;
    throw error;
  }
  writeFileSync(join(path, '.gitignore'), '*\n');
}
