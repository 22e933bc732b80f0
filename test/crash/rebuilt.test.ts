import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../engine/pipelines.ts';
import { stepped } from '../stepped/stage.ts';

const checkout = join(import.meta.dirname, '..', '..');
const env = { ...process.env, NO_COLOR: '1' };

const definition = `import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
export const definition = defineStage({
  name: 'hello',
  does: 'says a word',
  params: Type.Object({}, { additionalProperties: false }),
  deps: { gate: 'required' },
  outs: { word: 'file' },
});
`;

const code = (word: string): string => `import { writeFile } from 'node:fs/promises';
import { ok } from '../../base/fault.ts';
export async function run({ outs }: { readonly outs: { readonly word: string } }) {
  await writeFile(outs.word, '${word}');
  return ok({ status: 'done' });
}
`;

/** A copy of ers with one built-in stage of the test's own. */
function ownErs(): { readonly bin: string; readonly say: (word: string) => void } {
  const root = tempFolder('ers-rebuilt-');
  const rooms = [
    'base',
    'bin',
    'build',
    'cache',
    'cli',
    'engine',
    'formats',
    'runtime',
    'ui',
    'package.json',
  ];
  for (const path of rooms) cpSync(join(checkout, path), join(root, path), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'stages/hello'), { recursive: true });
  writeFileSync(join(root, 'stages/hello/definition.ts'), definition);
  return {
    bin: join(root, 'bin/ers.js'),
    say: (word) => writeFileSync(join(root, 'stages/hello/run.ts'), code(word)),
  };
}

test('a run whose stages are rebuilt while it waits runs the code that is in its key; the next run sees the new one', async () => {
  const { bin, say } = ownErs();
  say('one');
  const stage = await stepped();
  const folder = tempFolder();
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:
  gate:
    cmd: ${JSON.stringify(stage.cmd({ out: '{outs.out}' }))}
    outs: { out: out.txt }
  hello:
    uses: hello
    deps: { gate: 'gate:out' }
    outs: { word: word.txt }
default: [hello]
`,
  );
  const start = () => {
    const child = spawn(process.execPath, [bin, 'run', '--plain'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'exit') };
  };
  const first = start();
  const life = await stage.started();
  const second = start();
  for await (const line of second.lines) if (line.includes(`process ${first.child.pid ?? 0} on `)) break;
  second.child.stdout.resume();

  say('two');
  const rebuilt = spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8', env });
  expect(rebuilt.stderr).toContain('building');
  first.child.kill('SIGKILL');
  await first.ended;
  const next = await stage.started();
  await life.ended;
  await next.write('out', 'open');
  await next.finish();
  expect((await second.ended)[0]).toBe(0);
  expect(readFileSync(join(folder, 'artifacts/hello/word.txt'), 'utf8')).toBe('one');

  const after = spawnSync(process.execPath, [bin, 'run', '--plain'], { cwd: folder, encoding: 'utf8', env });
  expect(after.stdout).toContain('code of stages/hello/run.ts changed');
  expect(readFileSync(join(folder, 'artifacts/hello/word.txt'), 'utf8')).toBe('two');
  expect(readdirSync(join(folder, '.ers/records'))).toHaveLength(3);
});
