import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCodeUnit } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import { manifestDigest, manifestText, parseDifference, parseManifest } from '../../cache/manifest.ts';

const digest = sha256('x');

test('the text is a header and one line a file', () => {
  const text = manifestText([
    { path: 'a "b"\nc', bytes: 12, digest },
    { path: 'd', bytes: 0, digest },
  ]);
  expect(text).toBe(`ers-manifest 1\n${digest} 12 "a \\"b\\"\\nc"\n${digest} 0 "d"\n`);
  expect(manifestDigest([])).toBe(sha256('ers-manifest 1\n'));
});

test('any paths come back, bytes that are no text included', () => {
  const paths = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 8 });
  fc.assert(
    fc.property(paths, fc.nat(), (some, bytes) => {
      const manifest = [...some, 'f\udcff', 'line\u2028', 'paragraph\u2029', 'next\u0085']
        .filter((path, at, all) => all.indexOf(path) === at)
        .sort(byCodeUnit)
        .map((path) => ({ path, bytes, digest }));
      expect(parseManifest(manifestText(manifest))).toEqual(manifest);
    }),
    { seed: 1 },
  );
});

test('a text that differs in anything is no manifest', () => {
  const text = manifestText([
    { path: 'a', bytes: 1, digest },
    { path: 'b', bytes: 2, digest },
  ]);
  const [header, first, second] = text.split('\n').map((line) => `${line}\n`);
  if (header === undefined || first === undefined || second === undefined) throw new Error('three lines');
  for (const bad of [
    '',
    text.slice(0, -1),
    text.replace('1\n', '2\n'),
    `${header}${second}${first}`,
    `${header}${first}${first}`,
    text.replace(' 1 ', ' 01 '),
    text.replace('"a"', '"\\u0061"'),
    text.replace('"a"', 'a'),
    text.replace('"a"', '"a" '),
    text.replace('"a"', '"\\q"'),
  ]) {
    expect(parseManifest(bad), bad).toBeUndefined();
  }
});

test('the difference of two texts holds every entry that is not in both, and a text that is none has no difference', () => {
  const entries = fc
    .uniqueArray(fc.tuple(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('x', 'y')), {
      selector: ([path]) => path,
      maxLength: 8,
    })
    .map((some) =>
      some
        .toSorted(([a], [b]) => byCodeUnit(a, b))
        .map(([path, content]) => ({ path, bytes: 1, digest: sha256(content) })),
    );
  fc.assert(
    fc.property(entries, entries, entries, entries, (head, one, other, tail) => {
      const put = (middle: typeof one) => [
        ...head.map((entry) => ({ ...entry, path: `1${entry.path}` })),
        ...middle.map((entry) => ({ ...entry, path: `2${entry.path}` })),
        ...tail.map((entry) => ({ ...entry, path: `3${entry.path}` })),
      ];
      const [before, after] = [put(one), put(other)];
      const found = parseDifference(manifestText(before), manifestText(after));
      const lines = (entries: typeof before) => entries.map((entry) => JSON.stringify(entry));
      const only = (these: typeof before, those: typeof before) =>
        lines(these).filter((line) => !lines(those).includes(line));
      expect(lines([...(found?.before ?? [])])).toEqual(expect.arrayContaining(only(before, after)));
      expect(lines([...(found?.after ?? [])])).toEqual(expect.arrayContaining(only(after, before)));
      // What was left out of one was left out of the other.
      const left = before.length - (found?.before.length ?? NaN);
      expect(after.length - (found?.after.length ?? NaN)).toBe(left);
    }),
    { seed: 1 },
  );
  expect(parseDifference('', manifestText([]))).toBeUndefined();
  expect(parseDifference(manifestText([]), `${manifestText([])}x\n`)).toBeUndefined();
});

test('of two long lists that differ in one file only the lines about it are parsed', () => {
  const list = (changed: string) =>
    manifestText(
      Array.from({ length: 1000 }, (_, file) => ({
        path: `f${String(file).padStart(4, '0')}`,
        bytes: 1,
        digest: file === 500 ? sha256(changed) : digest,
      })),
    );
  const found = parseDifference(list('a'), list('b'));
  expect(found?.before.map(({ path }) => path)).toEqual(['f0500']);
  expect(found?.after.map(({ path }) => path)).toEqual(['f0500']);
  expect(parseDifference(list('a'), list('a'))).toEqual({ before: [], after: [] });
});
