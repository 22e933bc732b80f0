import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutLine, Lines, Tail } from '../../../engine/attempt/lines.ts';
import { tempFolder } from '../pipelines.ts';

function linesOf(chunks: readonly Uint8Array[]): readonly string[] {
  const got: string[] = [];
  const lines = new Lines((line) => got.push(line));
  for (const chunk of chunks) lines.add(Buffer.from(chunk));
  lines.end();
  return got;
}

test('lines end at \\n, \\r\\n and \\r; the last one needs no end', () => {
  expect(linesOf([Buffer.from('a\nb\r\n10 %\r20 %\rend')])).toEqual(['a', 'b', '10 %', '20 %', 'end']);
});

test('where a stream is cut into pieces does not matter', () => {
  const text = Buffer.from('größe: 3 µm\r\nzweite\rdritte\n\nlast');
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const chunks = at.slice(1).map((end, index) => text.subarray(at[index], end));
      expect(linesOf(chunks)).toEqual(['größe: 3 µm', 'zweite', 'dritte', '', 'last']);
    }),
    { seed: 1 },
  );
});

test('a line without an end does not fill the memory', () => {
  const lines = linesOf(Array.from({ length: 40 }, () => Buffer.alloc(10_000, 'x')));
  expect(lines.join('')).toHaveLength(400_000);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(75_536);
});

test('a tail reads what was appended since, waits for a file, and drops a line that was cut off', () => {
  const file = join(tempFolder(), 'events.jsonl');
  const got: string[] = [];
  const tail = new Tail(file, (line) => got.push(line));
  tail.read();
  writeFileSync(file, 'one\ntw');
  tail.read();
  expect(got).toEqual(['one']);
  appendFileSync(file, 'o\nthr');
  tail.close();
  expect(got).toEqual(['one', 'two']);
});

test.each([
  ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
])('a tail of %s reads nothing and waits for nobody', (_, make) => {
  const file = join(tempFolder(), 'events.jsonl');
  make(file);
  const got: string[] = [];
  const tail = new Tail(file, (line) => got.push(line));
  tail.read();
  tail.close();
  expect(got).toEqual([]);
});

test('a line of more than 2 000 characters is cut, never inside a character', () => {
  expect(cutLine('x'.repeat(2000))).toBe('x'.repeat(2000));
  expect(cutLine('x'.repeat(300_000))).toBe(`${'x'.repeat(2000)}… (298000 more characters)`);
  expect(cutLine('ab😀cd', 3)).toBe('ab… (3 more characters)');
});
