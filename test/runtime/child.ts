import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

const project = join(import.meta.dirname, '../..');

/** A script of this project, bundled so that a plain Node of any version runs it in a process of its own. */
export interface Script {
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Running;
  remove(): void;
}

interface Running {
  readonly process: ChildProcess;
  /** Resolves with the first line of stdout that has `word` in it; rejects when the process ends without it. */
  line(word: string): Promise<string>;
  /** Resolves with all of stdout when the process has ended. */
  readonly ended: Promise<string>;
}

/** Bundles TypeScript text that imports as from the project's root. It lies in node_modules so that packages are found. */
export async function script(contents: string): Promise<Script> {
  const root = join(project, 'node_modules/.ers-test');
  mkdirSync(root, { recursive: true });
  const dir = mkdtempSync(join(root, 'script-'));
  const outfile = join(dir, 'script.mjs');
  await build({
    stdin: { contents, resolveDir: project, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  });
  return {
    start: (args, env = {}) => run(outfile, args, env),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => resolve(lines.join('\n')));
  });
  reader.on('line', (text) => lines.push(text));
  return {
    process: child,
    ended,
    line: (word) =>
      new Promise((resolve, reject) => {
        const there = lines.find((text) => text.includes(word));
        if (there !== undefined) resolve(there);
        reader.on('line', (text) => {
          if (text.includes(word)) resolve(text);
        });
        child.on('close', () => reject(new Error(`ended without ${word}:\n${lines.join('\n')}`)));
      }),
  };
}
