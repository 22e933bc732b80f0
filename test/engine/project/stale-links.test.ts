import { existsSync, lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { names, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

async function run(root: string, stages: Record<string, Sketch>): Promise<void> {
  const ran = await runOnce(pipelineOf(root, stages), { targets: names(...Object.keys(stages)) });
  const notices = ran.events.filter((event) => event.type === 'notice');
  expect({ code: ran.code, notices }).toEqual({ code: 0, notices: [] });
}

const writes = (path: string): Sketch => ({ cmd: 'echo made > {outs.o}', outs: { o: path } });

test('an out under another path leaves no link of its former one, and one where a folder of ers lay is shown', async () => {
  const root = tempFolder();
  await run(root, { draw: writes('sub/f.txt') });
  expect(read(root, 'artifacts/draw/sub/f.txt')).toBe('made\n');
  await run(root, { draw: writes('sub') });
  expect(read(root, 'artifacts/draw/sub')).toBe('made\n');
  await run(root, { draw: writes('other.txt') });
  expect(readdirSync(join(root, 'artifacts/draw'))).toEqual(['other.txt']);
});

test('stages and members that the definition no longer has leave nothing of theirs in artifacts/', async () => {
  const root = tempFolder();
  await run(root, { 'eval@k-1': writes('j.txt'), 'eval@k-2': writes('j.txt') });
  await run(root, { 'eval@k-1': writes('j.txt'), 'eval@k-3': writes('j.txt') });
  expect(readdirSync(join(root, 'artifacts'))).toEqual(['.gitignore', 'eval@k-1', 'eval@k-3']);
});

test('what the user put beside the links stays: files, folders, links elsewhere', async () => {
  const root = tempFolder();
  await run(root, { old: writes('o.txt') });
  write(root, 'artifacts/old/notes.md', 'mine');
  write(root, 'artifacts/papers/a.md', 'mine');
  write(root, 'elsewhere.txt', 'mine');
  symlinkSync('../../elsewhere.txt', join(root, 'artifacts/old/link'));
  await run(root, { new: writes('o.txt') });
  expect(readdirSync(join(root, 'artifacts/old'))).toEqual(['link', 'notes.md']);
  expect(lstatSync(join(root, 'artifacts/old/link')).isSymbolicLink()).toBe(true);
  expect(existsSync(join(root, 'artifacts/papers/a.md'))).toBe(true);
});
