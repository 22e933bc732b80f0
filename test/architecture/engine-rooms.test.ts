import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readImports, root } from './imports.ts';

/** Between the engine's rooms, and the files beside them: `plan/` may import `key/`. */
type Arrow = { readonly from: string; readonly to: string };

/** The rows of the page's table, from the bottom up: a room knows those before it and none behind it. */
function roomsOnPage(): readonly string[] {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const [, section = ''] = page.split("## The engine's rooms, from the bottom up");
  const [table = ''] = section.split('\n## ');
  return table.split('\n').flatMap((row) => /^\| `([a-z-]+\/)`/.exec(row)?.[1] ?? []);
}

function engineArrows(): readonly (Arrow & { readonly told: string })[] {
  return [...readImports()].flatMap(([file, imported]) =>
    imported.flatMap((other) => {
      const [from, to] = [roomOf(file), roomOf(other)];
      return from === undefined || to === undefined || from === to
        ? []
        : [{ from, to, told: `${file} → ${other}` }];
    }),
  );
}

/** `plan/`, or `''` for the words beside the rooms (`events.ts`); undefined for another part of the project and for the way in. */
function roomOf(file: string): string | undefined {
  const [part, room = '', ...below] = file.split('/');
  if (part !== 'engine' || file === 'engine/index.ts') return undefined;
  return below.length === 0 ? '' : `${room}/`;
}

test('each room of the engine has its row on the page', () => {
  const used = new Set(engineArrows().flatMap(({ from, to }) => [from, to]));
  used.delete('');
  expect([...roomsOnPage()].sort()).toEqual([...used].sort());
});

test('a room of the engine imports only rooms above it on the page', () => {
  const order = roomsOnPage();
  const rank = (room: string): number => order.indexOf(room);
  const upward = engineArrows().filter(({ from, to }) => rank(to) > rank(from));
  expect(upward.map(({ told }) => told)).toEqual([]);
});
