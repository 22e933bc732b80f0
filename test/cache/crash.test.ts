import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { attempt } from './crash-child.ts';
import { temporaryFolder } from './helpers.ts';

let program: string;

beforeAll(async () => {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'crash-child.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  program = built.outputFiles[0]?.text ?? '';
});

describe('killed with SIGKILL', () => {
  test.each([
    'adopt:staged',
    'adopt:synced',
    'adopt:hashed',
    'adopt:manifest',
    'adopt:published',
    'commit:written',
    'commit:linked',
  ])('at %s, the store serves the next attempt, which leaves nothing behind', async (point) => {
    const folder = temporaryFolder();
    const root = join(folder, 'store');
    const killed = spawnSync(process.execPath, ['--input-type=module', '-', root, join(folder, 'first')], {
      input: program,
      env: { ...process.env, ERS_TEST_CRASH_AT: point },
      encoding: 'utf8',
    });
    expect(killed.stderr).toBe('');
    expect(killed.signal).toBe('SIGKILL');
    expect(readdirSync(join(root, 'incoming'))).toHaveLength(1);

    const { store, outs } = await attempt(root, join(folder, 'second'));
    expect(store.record(sha256('key'))?.outs).toEqual(outs);
    for (const out of Object.values(outs)) expect(await store.check(out)).toEqual({ state: 'intact' });
    expect(readdirSync(join(root, 'incoming'))).toEqual([]);
    expect(readdirSync(join(root, 'trees'))).toHaveLength(2);
    expect(readdirSync(join(root, 'quarantine'))).toEqual([]);
  });
});

test('four processes that store the same at once leave one tree each, four records and nothing else', async () => {
  const folder = temporaryFolder();
  const root = join(folder, 'store');
  const exits = [1, 2, 3, 4].map(async (at) => {
    const args = ['--input-type=module', '-', root, join(folder, String(at))];
    const env = { ...process.env, ERS_TEST_CRASH_AT: 'never' };
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(program);
    return (await once(child, 'exit')) as unknown[];
  });
  expect(await Promise.all(exits)).toEqual([1, 2, 3, 4].map(() => [0, null]));
  expect(readdirSync(join(root, 'trees'))).toHaveLength(2);
  expect(readdirSync(join(root, 'records', sha256('key'))).sort()).toEqual([
    '1.json',
    '2.json',
    '3.json',
    '4.json',
  ]);
  expect(readdirSync(join(root, 'incoming'))).toEqual([]);
  expect(readdirSync(join(root, 'quarantine'))).toEqual([]);
});
