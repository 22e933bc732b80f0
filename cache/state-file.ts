import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from '../base/canonical.ts';
import { crashPoint } from '../base/crash-point.ts';
import { errnoOf, isMissing } from './errno.ts';
import { temporaryFor } from './temporary.ts';

/** Writes a file whole or not at all: a reader sees the old text or the new one. Makes missing parent folders. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = temporaryFor(path);
  writeFileSync(temporary, text, { flag: 'wx' });
  try {
    crashPoint('file:written');
    renameSync(temporary, path);
    crashPoint('file:there');
  } catch (error) {
    rmSync(temporary, { force: true });
    // The user knows the file by its own name.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** The file's text, or undefined where there is none; a folder in its place is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error) || errnoOf(error) === 'EISDIR') return undefined;
    throw error;
  }
}

/** Two-space indented JSON with a last newline, the form of every small state file. */
export function jsonText(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
