import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError, type Fault } from '../../base/fault.ts';
import { sayBytes } from '../events.ts';
import type { Wheel } from '../pins.ts';
import { isAbsence } from './errno.ts';
import { runProgram } from './program.ts';

export interface FetchOptions {
  readonly python: string;
  /** Everything that pip writes goes below this folder. */
  readonly staging: string;
  readonly note: string;
  readonly progress: (bytes: number) => void;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/** How often the size of what pip has written is looked at: old versions of pip print no progress that can be read. */
const pollMs = 250;

/**
 * Fetches wheels with pip, which knows the user's own index, mirror, proxy and certificates, and checks the pinned
 * hashes. Returns the files in the wheels' order.
 * Throws `FaultError` ERS_RUNTIME_FETCH, ERS_RUNTIME_DISK.
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  options: FetchOptions,
): Promise<readonly string[]> {
  const dest = join(options.staging, 'wheels');
  const temporary = join(options.staging, 'tmp');
  mkdirSync(dest);
  mkdirSync(temporary);
  const requirements = join(options.staging, 'requirements.txt');
  const lines = wheels.map((wheel) => `${wheel.package}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  writeFileSync(requirements, lines.join(''));
  const timer = setInterval(() => options.progress(bytesBelow(options.staging)), pollMs);
  try {
    const result = await runProgram(options.python, pipArguments(wheels, requirements, dest), {
      signal: options.signal,
      note: options.note,
      // Nothing is installed into Python, so a rule that pip may only install into a virtual environment is beside the point.
      env: { ...options.env, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: '0' },
    });
    if (result.code !== 0) throw new FaultError(pipFault(result.output, wheels));
  } finally {
    clearInterval(timer);
  }
  return wheels.map((wheel) => join(dest, wheel.file));
}

function pipArguments(wheels: readonly Wheel[], requirements: string, dest: string): string[] {
  const platforms = [...new Set(wheels.flatMap((wheel) => wheel.platforms))];
  return [
    ...['-m', 'pip', 'download', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
    ...[
      '--no-cache-dir',
      '--no-deps',
      '--only-binary=:all:',
      '--implementation',
      'cp',
      '--python-version',
      '3.12',
    ],
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...['--require-hashes', '-r', requirements, '-d', dest],
  ];
}

/** Turns pip's last words into one sentence and what to do. */
export function pipFault(output: string, wheels: readonly Wheel[]): Fault {
  const [first] = wheels;
  const names = wheels.map((wheel) => wheel.file).join(', ');
  const size = sayBytes(wheels.reduce((sum, wheel) => sum + wheel.bytes, 0));
  const elsewhere =
    `On a machine without the package index: fetch ${wheels.length === 1 ? names : `the ${wheels.length} wheels`} (${size}) ` +
    `elsewhere, bring ${wheels.length === 1 ? 'it' : 'them'} here and run \`npx ers setup --wheel ${wheels.length === 1 ? 'FILE' : 'FOLDER'}\`.`;
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return {
      code: 'ERS_RUNTIME_DISK',
      message: 'The disk became full while TensorFlow was fetched.',
      hint: 'Free some space, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.',
    };
  }
  if (/DO NOT MATCH THE HASHES/.test(output)) {
    const expected = /Expected sha256 (\w+)/.exec(output)?.[1] ?? 'the pinned one';
    const got = /Got\s+(\w+)/.exec(output)?.[1] ?? 'another one';
    return {
      code: 'ERS_RUNTIME_FETCH',
      message: `The package index gave a file whose sha256 is ${got}, expected ${expected}. It was not used.`,
      hint: 'Look at the index or mirror that `python3 -m pip config list` names: it serves another file under this name.',
    };
  }
  const network =
    /(Temporary failure in name resolution|Name or service not known|nodename nor servname|Connection refused|Network is unreachable|No route to host|timed out|CERTIFICATE_VERIFY_FAILED|Cannot connect to proxy|Tunnel connection failed[^'")]*|Connection reset)/.exec(
      output,
    )?.[1];
  if (network !== undefined) {
    return {
      code: 'ERS_RUNTIME_FETCH',
      message: `pip cannot reach the package index: ${network}.`,
      hint: `Check the network and pip's index and proxy settings, then run it again. ${elsewhere}`,
    };
  }
  if (/No matching distribution found|Could not find a version/.test(output)) {
    return {
      code: 'ERS_RUNTIME_FETCH',
      message: `pip found no ${first?.package ?? 'TensorFlow'} ${first?.version ?? ''} or one of its companions: its package index does not offer it or cannot be reached.`,
      hint: `Look at \`python3 -m pip config list\`: an own index or mirror must have ${names}. ${elsewhere}`,
    };
  }
  const words = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = words.findLast((line) => /^ERROR|error:/i.test(line)) ?? words.at(-1) ?? 'it said nothing';
  return { code: 'ERS_RUNTIME_FETCH', message: `pip could not fetch TensorFlow: ${last}`, hint: elsewhere };
}

/** Bytes of all files below a folder that other processes change meanwhile. */
function bytesBelow(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  return bytes;
}
