import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RuntimeEvent } from '../../../runtime/events.ts';
import { ensureRecipe, type EnsureOptions } from '../../../runtime/install/ensure.ts';
import { hashFile } from '../../../runtime/install/hash.ts';
import { ownerState, tokenOf } from '../../../runtime/install/owner.ts';
import { findProgram } from '../../../runtime/machine.ts';
import { probeRuntime } from '../../../runtime/probe.ts';
import { folderOf, recipeOf, type Recipe } from '../../../runtime/recipe.ts';
import { variantFor } from '../../../runtime/variant.ts';
import { comesAbout } from '../../comes-about.ts';
import { script, type Script } from '../child.ts';
import { writeWheel } from '../fake-wheel.ts';
import { filesBelow } from '../files-below.ts';
import { installLimit, installedRuntime } from '../installed.ts';

// The wheel of these tests holds the real libraries of the installed runtime, so that nothing is fetched again.
// The compiler is a script that hands out the real addon: what is tested is what surrounds it.
let real: string;
let dir: string;
let wheel: string;
let recipe: Recipe;
let installer: Script;
let compiler: string;
let hanging: string;

beforeAll(async () => {
  real = await installedRuntime();
  dir = mkdtempSync(join(tmpdir(), 'ers-ensure-'));
  wheel = join(dir, 'real.whl');
  const kept = filesBelow(real).filter((path) => path.startsWith('tensorflow/'));
  writeWheel(
    wheel,
    kept.map((path) => ({ path, from: { file: join(real, path) } })),
  );
  const variant = variantFor(process, 'cpu', undefined);
  if (!variant.ok) throw new Error('unsupported platform');
  const bytes = statSync(wheel).size;
  const about = { package: 'real', version: '1', platforms: [], file: 'real.whl', bytes, kept: bytes };
  recipe = { ...recipeOf(variant.value), wheels: [{ ...about, sha256: await hashFile(wheel) }] };
  writeFileSync(join(dir, 'recipe.json'), JSON.stringify(recipe));
  compiler = program(
    'c++-copies',
    `while [ "$1" != -o ]; do shift; done; cp '${join(real, 'tfjs_binding.node')}' "$2"`,
  );
  hanging = program('c++-hangs', 'exec sleep 600');
  installer = await script(`
    import { readFileSync } from 'node:fs';
    import { ensureRecipe } from './runtime/install/ensure.ts';
    const [recipe, base, wheel] = process.argv.slice(2);
    const result = await ensureRecipe(JSON.parse(readFileSync(recipe, 'utf8')), base, {
      wheel,
      emit: (event) => console.log(JSON.stringify(event)),
      signal: new AbortController().signal,
    });
    console.log(JSON.stringify(result));
  `);
}, installLimit);

afterAll(() => {
  installer.remove();
  rmSync(dir, { recursive: true });
});

let base: string;
let number = 0;
beforeEach(() => {
  number += 1;
  base = join(dir, `base-${number}`);
});

/** A compiler for tests: a shell script that knows --version. */
function program(name: string, does: string): string {
  const file = join(dir, name);
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = --version ]; then echo test compiler; exit 0; fi\n${does}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** As a user without --wheel has them. */
function fromIndex(more: Partial<EnsureOptions>): EnsureOptions & { readonly events: RuntimeEvent[] } {
  const events: RuntimeEvent[] = [];
  const signal = new AbortController().signal;
  return { emit: (event) => events.push(event), signal, ...more, events };
}

function options(more: Partial<EnsureOptions> = {}): EnsureOptions & { readonly events: RuntimeEvent[] } {
  return fromIndex({ wheel, env: { ...process.env, CXX: compiler }, ...more });
}

const leftovers = (): string[] => readdirSync(base).filter((name) => name.startsWith('.'));

test(
  'A killed installation leaves nothing that counts; two at once after it do the work once, and damage is repaired',
  { timeout: installLimit },
  async () => {
    const args = [join(dir, 'recipe.json'), base, wheel];
    const killed = installer.start(args, { CXX: hanging });
    await killed.line('"building"');
    const [left] = leftovers();
    const note = join(base, left ?? '', 'program');
    await comesAbout(() => existsSync(note) && readFileSync(note, 'utf8') !== '', killed.ended);
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(base, folderOf(recipe)))).toBe(false);
    const orphan = readFileSync(note, 'utf8');
    expect(ownerState(orphan)).toBe('alive');

    const both = [installer.start(args, { CXX: compiler }), installer.start(args, { CXX: compiler })];
    const outputs = await Promise.all(both.map((running) => running.ended));
    const results = outputs.map((output) => output.split('\n').at(-1) ?? '');
    const target = join(base, folderOf(recipe));
    for (const result of results)
      expect(JSON.parse(result)).toMatchObject({ ok: true, value: { dir: target } });
    expect(results.filter((result) => result.includes('"installed":true'))).toHaveLength(1);
    await comesAbout(() => ownerState(orphan) === 'dead');
    expect(leftovers()).toEqual([]);
    expect((await probeRuntime(target, new AbortController().signal)).ok).toBe(true);

    const again = options();
    expect(await ensureRecipe(recipe, base, again)).toMatchObject({ ok: true, value: { installed: false } });
    expect(again.events).toEqual([]);

    truncateSync(join(target, 'tfjs_binding.node'), 1000);
    const repair = options();
    expect(await ensureRecipe(recipe, base, repair)).toMatchObject({ ok: true, value: { installed: true } });
    expect(repair.events[0]?.text).toContain('is damaged (tfjs_binding.node has 1000 bytes instead of');
    expect((await probeRuntime(target, new AbortController().signal)).ok).toBe(true);
    expect(leftovers()).toEqual([]);
  },
);

test('A wheel with another content is refused and nothing is left', async () => {
  const other = join(dir, 'other.whl');
  writeFileSync(other, 'no wheel');
  const result = await ensureRecipe(recipe, base, options({ wheel: other }));
  expect(result).toMatchObject({
    ok: false,
    faults: [{ code: 'ERS_RUNTIME_FETCH', place: { file: other } }],
  });
  expect(readdirSync(base)).toEqual([]);
});

test('A wheel that is not there is named', async () => {
  const result = await ensureRecipe(recipe, base, options({ wheel: join(dir, 'none.whl') }));
  expect(result).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_RUNTIME_FETCH',
        message: 'There is no such file or folder; expected a wheel of TensorFlow.',
      },
    ],
  });
});

test('What the compiler says is handed on, and nothing is left', async () => {
  const failing = program('c++-fails', 'echo "a.cc:1:1: fatal error: no_such.h: No such file" >&2; exit 1');
  const small = join(dir, 'small.whl');
  writeWheel(small, [{ path: 'tensorflow/libsmall.so', from: 'x' }]);
  const [pin] = recipe.wheels;
  if (pin === undefined) throw new Error('no wheel');
  const one = { ...pin, bytes: statSync(small).size, kept: 1, sha256: await hashFile(small) };
  const result = await ensureRecipe(
    { ...recipe, wheels: [one] },
    base,
    options({ wheel: small, env: { ...process.env, CXX: failing } }),
  );
  expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_RUNTIME_BUILD' }] });
  expect(JSON.stringify(result)).toContain('fatal error: no_such.h');
  expect(readdirSync(base)).toEqual([]);
});

test('Without compiler and python3 one message names both, before anything is fetched', async () => {
  const fetching = fromIndex({ env: { PATH: join(dir, 'nothing') } });
  const result = await ensureRecipe(recipe, base, fetching);
  expect(result).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_RUNTIME_TOOL_MISSING',
        message:
          'To install native TensorFlow, a C++ compiler (g++) and python3 with pip are missing on this machine.',
      },
    ],
  });
  expect(fetching.events).toEqual([]);
  expect(readdirSync(base)).toEqual([]);
});

test('A python3 without pip is told from no python3', async () => {
  const bin = join(dir, 'bin-without-pip');
  mkdirSync(bin);
  writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n', { mode: 0o755 });
  symlinkSync(compiler, join(bin, 'c++'));
  const fetching = fromIndex({ env: { PATH: bin } });
  const result = await ensureRecipe(recipe, base, fetching);
  expect(JSON.stringify(result)).toContain('pip for python3 is missing on this machine');
});

test('A local wheel needs no python3', async () => {
  const bin = join(dir, 'bin-empty');
  mkdirSync(bin);
  const result = await ensureRecipe(recipe, base, options({ env: { PATH: bin } }));
  expect(JSON.stringify(result)).toContain('a C++ compiler (g++) is missing');
  expect(JSON.stringify(result)).not.toContain('python3');
});

test('pip is ended when the user interrupts, and nothing is left', async () => {
  const bin = join(dir, 'bin-slow');
  mkdirSync(bin);
  const pid = join(dir, 'pip.pid');
  const slow = `#!/bin/sh\nif [ "$3" = --version ]; then echo pip 99; exit 0; fi\necho $$ > '${pid}'\nexec sleep 600\n`;
  writeFileSync(join(bin, 'python3'), slow, { mode: 0o755 });
  const abort = new AbortController();
  const fetching = fromIndex({
    signal: abort.signal,
    env: { PATH: `${bin}:${dirname(findProgram(['sleep']) ?? '/bin/sleep')}`, CXX: compiler },
  });
  const work = ensureRecipe(recipe, base, fetching);
  const said = work.then(({ ok }) => `installed: ${ok}`);
  await comesAbout(() => existsSync(pid) && readFileSync(pid, 'utf8').endsWith('\n'), said);
  abort.abort(new Error('Ctrl-C'));
  await expect(work).rejects.toThrow('Ctrl-C');
  expect(tokenOf(Number(readFileSync(pid, 'utf8')))).toBeUndefined();
  expect(readdirSync(base)).toEqual([]);
});

test('A folder that cannot be made is a fault about the disk', async () => {
  writeFileSync(join(dir, 'file'), '');
  const result = await ensureRecipe(recipe, join(dir, 'file/base'), options());
  expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_RUNTIME_DISK' }] });
});

test.skipIf(process.getuid?.() !== 0)(
  'A disk that is too small is seen before anything is written (needs root for a tmpfs)',
  async () => {
    mkdirSync(base);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', base], { stdio: 'ignore' });
    } catch {
      return; // Containers often may not mount: limits.test.ts has the message.
    }
    try {
      const result = await ensureRecipe(recipe, base, options());
      expect(result).toMatchObject({
        ok: false,
        faults: [{ code: 'ERS_RUNTIME_DISK', place: { file: base } }],
      });
      expect(readdirSync(base)).toEqual([]);
    } finally {
      execFileSync('umount', [base]);
    }
  },
);
