import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { project } from './tree.ts';

test('types/ holds what the sources declare: else run node build/types.mjs', async () => {
  const { declarations } = (await import(pathToFileURL(join(project, 'build', 'types.mjs')).href)) as {
    readonly declarations: () => Promise<ReadonlyMap<string, string>>;
  };
  for (const [path, text] of await declarations()) {
    expect(readFileSync(join(project, 'types', path), 'utf8'), path).toBe(text);
  }
});
