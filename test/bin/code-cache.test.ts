import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { project } from '../build/tree.ts';

const { loadScript, keepCode } = (await import(
  pathToFileURL(join(project, 'bin', 'code-cache.js')).href
)) as {
  readonly loadScript: (file: string) => { readonly answer: () => unknown };
  readonly keepCode: () => void;
};

let folder = '';
let file = '';
let kept = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ers-code-'));
  file = join(folder, 'program.cjs');
  kept = `${file}.${process.version}-${process.arch}.code`;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (answer: string) => `exports.answer = () => ${answer};`;

/** Writes, runs and keeps. */
function keep(text: string): void {
  writeFileSync(file, text);
  loadScript(file).answer();
  keepCode();
}

test('the code that a start compiled is run by the next one', () => {
  keep(program('1'));
  // V8 compares no more than the length: this shows whose code runs, and why a build's folder is named by its content.
  writeFileSync(file, program('2'));
  expect(loadScript(file).answer()).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(['program.cjs', kept.slice(folder.length + 1)]);
});

test('kept code with a byte flipped or cut off anywhere is not run, and the next start that keeps mends it', () => {
  keep(program('1'));
  const whole = readFileSync(kept);
  writeFileSync(file, program('2'));
  for (let at = 0; at < whole.length; at += 1) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    writeFileSync(kept, flipped);
    expect(loadScript(file).answer()).toBe(2);
    writeFileSync(kept, whole.subarray(0, at));
    expect(loadScript(file).answer()).toBe(2);
  }
  keepCode();
  writeFileSync(file, program('3'));
  expect(loadScript(file).answer()).toBe(2);
});

test('a script requires, imports files beside it and loads other scripts, with kept code too', async () => {
  writeFileSync(join(folder, 'beside.mjs'), 'export const beside = 4;');
  writeFileSync(join(folder, 'other.cjs'), program('5'));
  const script = `exports.answer = async () => [
    require('node:path').basename(__filename), (await ERS_IMPORT('./beside.mjs')).beside,
    (await ERS_IMPORT(require('node:url').pathToFileURL(__dirname + '/other.cjs').href)).answer()];`;
  keep(script);
  expect(existsSync(kept)).toBe(true);
  expect(await loadScript(file).answer()).toEqual(['program.cjs', 4, 5]);
});

test('a place where nothing can be kept is no fault', () => {
  writeFileSync(file, program('1'));
  mkdirSync(kept);
  expect(loadScript(file).answer()).toBe(1);
  keepCode();
  expect(readdirSync(folder).sort()).toEqual(['program.cjs', kept.slice(folder.length + 1)]);
  expect(loadScript(file).answer()).toBe(1);
});
