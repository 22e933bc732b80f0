import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The launcher. */
export const bin = fileURLToPath(new URL('../../bin/ers.js', import.meta.url));

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own with a pipeline of two small programs, and the real `ers` to run in it. */
export interface TinyProject {
  readonly folder: string;
  readonly ers: (...args: readonly string[]) => Outcome;
  /** Another letter in config.yaml, then `ers run` of these stages. */
  readonly runWith: (letter: string, ...stages: readonly string[]) => Outcome;
  /** The same with more in its environment. */
  readonly ersWith: (env: NodeJS.ProcessEnv, ...args: readonly string[]) => Outcome;
  readonly remove: () => void;
}

const pipeline = `config: config.yaml
stages:
  draw:
    cmd: [node, -e, 'require("fs").writeFileSync(process.argv[1], process.argv[2].repeat(3))', '{outs.text}', '{params.letter}']
    params: [letter]
    outs: { text: text.txt }
  count:
    cmd: [node, -e, 'const fs = require("fs"); const n = fs.readFileSync(process.argv[1], "utf8").length; fs.writeFileSync(process.argv[2], JSON.stringify({ letters: n }))', '{deps.text}', '{outs.metrics}']
    deps: { text: 'draw:text' }
    outs: { metrics: metrics.json }
    metrics: [metrics]
default: [count]
`;

export function tinyProject(): TinyProject {
  const folder = mkdtempSync(join(tmpdir(), 'ers-cli-'));
  writeFileSync(join(folder, 'pipeline.yaml'), pipeline);
  writeFileSync(join(folder, 'config.yaml'), 'letter: a\n');
  return {
    folder,
    ers: (...args) => ers(folder, args),
    runWith: (letter, ...stages) => {
      writeFileSync(join(folder, 'config.yaml'), `letter: ${letter}\n`);
      return ers(folder, ['run', ...stages]);
    },
    ersWith: (env, ...args) => ers(folder, args, env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function ers(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return { code: status, out: stdout, err: stderr.replace('building ers…\n', '') };
}
