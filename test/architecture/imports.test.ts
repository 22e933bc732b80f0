import { expect, test } from 'vitest';
import { findCircles, readImports } from './imports.ts';

test('no file imports itself by way of others', () => {
  const circles = findCircles(readImports());
  expect(circles.map((circle) => circle.join(' → '))).toEqual([]);
});

test('a circle of imports is found and told file by file', () => {
  const imports = new Map([
    ['a.ts', ['b.ts', 'd.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', ['b.ts']],
    ['d.ts', []],
  ]);
  expect(findCircles(imports)).toEqual([['b.ts', 'c.ts', 'b.ts']]);
});
