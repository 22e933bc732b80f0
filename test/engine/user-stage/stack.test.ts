import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { Stacks } from '../../../engine/user-stage/stack.ts';
import { tempFolder } from '../../temp-folder.ts';

/** Column 9 of the first line of the bundle is line 2, column 3 of `mine.ts`. */
const map = { version: 3, sources: ['../mine.ts'], names: [], mappings: 'QACE' };

test.each(['plain', 'copy (1)', 'with spaces', 'é'])(
  'a place in a bundle is told as one of its source, in a folder named %s',
  (name) => {
    const folder = tempFolder(`ers ${name}-`);
    const [bundle, file] = [join(folder, 'bundle.mjs'), join(folder, 'bundle.map')];
    writeFileSync(file, JSON.stringify(map));
    const stacks = new Stacks({ [bundle]: file });
    const url = pathToFileURL(bundle).href;
    const stack = `TypeError: bad\n    at deep (${url}:1:9)\n    at ${url}:1:9\n    at node:fs:1:2`;
    const at = { file: 'mine.ts', line: 2, column: 3 };
    expect(stacks.frames(stack)).toEqual([
      { name: 'deep', ...at },
      { name: undefined, ...at },
    ]);
    expect(stacks.readable(stack)).toBe(
      'TypeError: bad\n    at deep (mine.ts:2:3)\n    at mine.ts:2:3\n    at node:fs:1:2',
    );
  },
);
