import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCodeUnit } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import { manifestDigest, manifestText, parseManifest } from '../../cache/manifest.ts';

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
      const manifest = [...some, 'f\udcff']
        .filter((path, at, all) => all.indexOf(path) === at)
        .sort(byCodeUnit)
        .map((path) => ({ path, bytes, digest }));
      expect(parseManifest(manifestText(manifest))).toEqual(manifest);
    }),
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
