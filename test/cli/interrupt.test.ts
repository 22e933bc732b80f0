import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/ers.js');

/** A stage that tells its pid and then neither ends nor listens to SIGTERM. */
const stubborn =
  'process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000); console.log(`pid ${process.pid}`)';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ers-interrupt-'));
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `stages:\n  wait:\n    cmd: [node, -e, '${stubborn}']\n    outs: { never: never.txt }\ndefault: [wait]\n`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `ers run`, sends SIGINT when the stage is up, and once more for each further signal after `ers` answered. */
async function interrupt(
  times: 1 | 2,
): Promise<{ readonly code: unknown; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, [bin, 'run'], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('pid ')) child.kill('SIGINT');
    if (line.includes('stopping;') && times === 2) child.kill('SIGINT');
  }
  const [code] = (await ended) as readonly unknown[];
  return { code, lines };
}

function isAlive(lines: readonly string[]): boolean {
  const pid = /pid (\d+)/.exec(lines.join('\n'))?.[1];
  if (pid === undefined) throw new Error('the stage told no pid');
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

it('Ctrl-C ends the stage, even one that does not listen, and the run says so with exit code 130', async () => {
  const { code, lines } = await interrupt(1);
  expect(code).toBe(130);
  expect(lines).toContain(
    'ers: stopping; the running stages save what they have (once more to leave at once)',
  );
  expect(lines.at(-1)).toMatch(
    /^ers {7}stopped {4}in .*: 1 stage, 1 stopped\. The next ers run goes on from here$/,
  );
  expect(isAlive(lines)).toBe(false);
});

it('a second Ctrl-C leaves at once and takes the stage’s process with it', async () => {
  const { code, lines } = await interrupt(2);
  expect(code).toBe(130);
  expect(lines.at(-1)).not.toContain('The next ers run');
  // The kernel may take a moment to reap it.
  await vi.waitFor(() => expect(isAlive(lines)).toBe(false), 5000);
});

it('while one run is at a stage, status and why say so, and a run that waits for it stops without a word of saving', async () => {
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1' } };
  const maker = spawn(process.execPath, [bin, 'run'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const made = once(maker, 'close');
  for await (const line of createInterface({ input: maker.stdout })) {
    if (line.includes('pid ')) break;
  }
  for (const args of [['status'], ['why', 'wait']]) {
    const { stdout } = spawnSync(process.execPath, [bin, ...args], { ...options, encoding: 'utf8' });
    expect(stdout).toContain(`never made before; process ${maker.pid ?? 0} on `);
    expect(stdout).toContain(' is at it now');
  }
  const waiter = spawn(process.execPath, [bin, 'run'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const waited = once(waiter, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: waiter.stdout })) {
    lines.push(line);
    if (line.includes(`process ${maker.pid ?? 0} on `)) waiter.kill('SIGINT');
  }
  expect(((await waited) as readonly unknown[])[0]).toBe(130);
  expect(lines).toContain('ers: stopping');
  expect(lines.join('\n')).not.toContain('save');
  maker.kill('SIGINT');
  await made;
});
