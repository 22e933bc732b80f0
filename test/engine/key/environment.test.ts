import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bin } from '../../cli/project.ts';
import { tempFolder } from '../../temp-folder.ts';

/** A stage that writes the value of NAME into its out. */
function project(): string {
  const folder = tempFolder('ers-environment-');
  const stage = `  tell:\n    cmd: 'printf %s "$NAME" > {outs.text}'\n    env: [NAME]\n    outs: { text: text.txt }\n`;
  writeFileSync(join(folder, 'pipeline.yaml'), `stages:\n${stage}default: [tell]\n`);
  return folder;
}

/** The real `ers` with bytes in NAME, which `printf` takes as octal escapes; no JavaScript could hand them over. */
function ersWith(folder: string, bytes: string, ...args: readonly string[]) {
  const script = 'NAME=$(printf "$0") exec "$@"';
  const words = ['-c', script, bytes, process.execPath, bin, ...args];
  const { status, stdout, stderr } = spawnSync('sh', words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

it('a value that is no UTF-8 is refused by name before anything runs, since another such one would be read as the same text', () => {
  const folder = project();
  for (const bytes of [String.raw`a\377`, String.raw`a\376`, String.raw`\355\240\200`]) {
    const { code, out } = ersWith(folder, bytes, 'run');
    expect(code).toBe(2);
    expect(out).toContain(
      'pipeline.yaml:2:3 The environment variable NAME, which tell declares, is no text in UTF-8',
    );
    expect(out).toContain('[ERS_INPUT_KIND]');
    expect(ersWith(folder, bytes, 'status').code).toBe(2);
  }
  expect(readdirSync(join(folder, '.ers', 'records'))).toEqual([]);
});

it('a value of any text in UTF-8 reaches the stage byte by byte', () => {
  const folder = project();
  const value = 'é\n"$x" \u{1F6F0} \u0001';
  const bytes = [...Buffer.from(value)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  expect(ersWith(folder, bytes, 'run').code).toBe(0);
  expect(readFileSync(join(folder, 'artifacts', 'tell', 'text.txt'), 'utf8')).toBe(value);
});
