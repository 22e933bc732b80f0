import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { parseDocument } from 'yaml';
import type { Json } from '../../base/canonical.ts';
import { orphansOf } from '../../cache/orphans.ts';
import type { EngineEvent, PlannedStage } from '../../engine/events.ts';
import { sayReason } from '../../engine/reasons.ts';
import { outcomeWord } from '../../ui/say.ts';
import { send } from '../stopped.ts';

/** This project's own folder. */
export const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** The demo made so small that six stages take seconds. */
const small: Readonly<Record<string, Json>> = {
  'demo.seed': 7,
  'demo.places': 10,
  'demo.size': 64,
  'image.img_size': 32,
  'shards.copies': 1,
  'model.decoder_channels': [32, 16, 16, 8, 8],
  'train.batch_size': 6,
  'train.max_epochs': 2,
  'schedule.T_max': 2,
};

const folders: string[] = [];
/** What was started to stand still somewhere: in a test that fails nobody ends it. */
const toStop: { readonly child: ChildProcess; readonly events: readonly EngineEvent[] }[] = [];
afterAll(() => {
  for (const { child, events } of toStop.splice(0)) {
    child.kill('SIGKILL');
    const attempts = events.flatMap((event) => (event.type === 'stage-started' ? [event.attempt] : []));
    for (const pid of attempts.flatMap((attempt) => orphansOf(attempt))) send(pid, 'SIGKILL');
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Removed after the file's last test. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ers-e2e-')));
  folders.push(folder);
  return folder;
}

/** What a command printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run with `--json`. */
export interface Told extends Ended {
  readonly events: readonly EngineEvent[];
  /** Stage → made, cached, restored, failed, stopped or skipped. */
  readonly story: Readonly<Record<string, string>>;
}

/** A process of `ers run --json` that a test may interrupt. */
export interface Running {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves with the first event that `wanted` accepts; rejects if the run ends without it. */
  readonly until: (wanted: (event: EngineEvent) => boolean) => Promise<EngineEvent>;
  readonly ended: Promise<Told>;
}

/** A folder with a pipeline of its own, and the real program to work in it. */
export class Project {
  readonly folder: string;
  /** The checkout whose `bin/ers.js` is started. */
  readonly program: string;
  /** What the program has in its environment beside that of the tests. */
  readonly env: NodeJS.ProcessEnv;

  constructor(folder: string, program: string = checkout, env: NodeJS.ProcessEnv = {}) {
    this.folder = folder;
    this.program = program;
    this.env = env;
  }

  /** The demo with a small config, or one of `configs/` made small; `changes` are dotted keys. */
  static create(changes: Readonly<Record<string, Json>> = {}, config = 'config.yaml'): Project {
    const project = new Project(tempFolder());
    copyFileSync(join(checkout, 'pipeline.yaml'), project.path('pipeline.yaml'));
    project.write(
      'config.yaml',
      changedYaml(readFileSync(join(checkout, config), 'utf8'), { ...small, ...changes }),
    );
    return project;
  }

  /** The whole folder with its store elsewhere, times and links kept, as `cp -a` would. */
  copy(program = this.program): Project {
    return this.copyTo(join(tempFolder(), 'copy'), program);
  }

  /** `copy` at a new folder of one's own. */
  copyTo(folder: string, program = this.program): Project {
    cpSync(this.folder, folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return new Project(folder, program);
  }

  /** The same folder, where the stages stand still at a named instant (`base/crash-point.ts`). */
  stoppingAt(point: string): Project {
    return new Project(this.folder, this.program, { ERS_TEST_STOP_AT: point });
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  /** Changes values of `config.yaml`, by dotted key. */
  set(changes: Readonly<Record<string, Json>>): void {
    this.write('config.yaml', changedYaml(this.read('config.yaml'), changes));
  }

  /** Runs any command of `ers` here, not in a terminal. */
  ers(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(process.execPath, [join(this.program, 'bin', 'ers.js'), ...args], {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: '1', ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return ending(child, () => undefined);
  }

  /** `ers run --json` to its end. */
  run(...args: readonly string[]): Promise<Told> {
    return this.start(...args).ended;
  }

  /** Starts `ers run --json`. */
  start(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [join(this.program, 'bin', 'ers.js'), 'run', '--json', ...args], {
      cwd: this.folder,
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const events: EngineEvent[] = [];
    if ('ERS_TEST_STOP_AT' in this.env) toStop.push({ child, events });
    let isOver = false;
    const waiting: (() => void)[] = [];
    const wake = () => waiting.splice(0).forEach((go) => go());
    const ended = ending(child, (line) => {
      events.push(JSON.parse(line) as EngineEvent);
      wake();
    }).then((end): Told => {
      isOver = true;
      wake();
      return { ...end, events, story: storyOf(events) };
    });
    return {
      pid: child.pid ?? 0,
      kill: (signal) => void child.kill(signal),
      ended,
      until: async (wanted) => {
        for (;;) {
          const found = events.find(wanted);
          if (found !== undefined) return found;
          if (isOver) throw new Error(`the run ended without the event:\n${(await ended).out}`);
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      },
    };
  }

  /** What `ers run --dry`, which changes nothing, says of each stage: state and reasons. */
  async dry(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return verdicts(await this.ers(['run', '--dry', '--json', ...args]));
  }

  /** What `ers status` says of each stage. */
  async status(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return verdicts(await this.ers(['status', '--json', ...args]));
  }

  /** Every file under `artifacts/` by content: path → sha256. */
  artifacts(below = 'artifacts'): Readonly<Record<string, string>> {
    return Object.fromEntries(
      filesBelow(this.path(below)).map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(this.path(below, path)))
          .digest('hex'),
      ]),
    );
  }

  /** The record files of the store, `KEY/NUMBER.json`. */
  records(): readonly string[] {
    return filesBelow(this.path('.ers', 'records'));
  }

  /** Of a stage's one out, the folder or file in the store. */
  stored(stage: string, out: string): string {
    return realpathSync(this.path('artifacts', stage, out));
  }
}

/** Reasons by which each stage that started said it had to. */
export function reasonsOf(told: Told): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    told.events.flatMap((event) =>
      event.type === 'stage-started' ? [[event.stage, event.reasons.map(sayReason)]] : [],
    ),
  );
}

/** Files below a folder, links followed, as sorted relative paths; none if it is not there. */
export function filesBelow(folder: string): readonly string[] {
  return list(folder, '').sort();
}

/** The text of a YAML file with other values at dotted keys; comments and layout stay. */
function changedYaml(text: string, changes: Readonly<Record<string, Json>>): string {
  const document = parseDocument(text);
  for (const [key, value] of Object.entries(changes)) document.setIn(key.split('.'), value);
  return document.toString();
}

function list(folder: string, below: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const relative = below === '' ? name : `${below}/${name}`;
    // A link whose tree was deleted.
    if (!existsSync(path)) return [];
    return statSync(path).isDirectory() ? list(path, relative) : [relative];
  });
}

function storyOf(events: readonly EngineEvent[]): Told['story'] {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'stage-finished' ? [[event.stage, outcomeWord(event.outcome)]] : [],
    ),
  );
}

function verdicts({ code, out, err }: Ended): Readonly<Record<string, string>> {
  if (code !== 0) throw new Error(`exit code ${code ?? 'none'}: ${err}`);
  const { stages } = JSON.parse(out) as { readonly stages: readonly PlannedStage[] };
  return Object.fromEntries(
    stages.map(({ stage, state, reasons }) => [stage, [state, ...reasons.map(sayReason)].join('; ')]),
  );
}

function ending(child: ChildProcess, line: (text: string) => void): Promise<Ended> {
  let out = '';
  let err = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // Only a fresh checkout builds itself first, and says so.
    child.on('close', (code) => resolve({ code, out, err: err.replace('building ers…\n', '') }));
  });
}
