import { mkdtempSync, readFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { print } from '../terminal.ts';
import { compareFiles, comparePair } from './compare.ts';
import { fileBytes } from './data.ts';
import { readOptions, usage, type BenchOptions } from './options.ts';
import { putBetween, takeBetween } from './page.ts';
import { probes, type Finding } from './probes.ts';
import { pairTable, probesTable, timesTable } from './report.ts';
import { setUpPeers } from './setup.ts';
import { CommandFailed, must } from './shell.ts';
import type { Missing, Tool } from './tool.ts';
import { ers } from './tools/ers.ts';

export interface BenchProgram {
  readonly args: readonly string[];
  /** The checkout that is measured. */
  readonly root: string;
}

/** The exit code: 0, 1 when ers failed, 2 when an option is wrong. */
export async function main({ args, root }: BenchProgram): Promise<number> {
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${usage}`);
    return 2;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const found = setUpPeers(options.cache, process.env['PYTHON'] ?? 'python3', say);
  const missing = found.filter((peer): peer is Missing => 'why' in peer);
  const own = ers(root, version);
  // Builds the checkout if its sources changed: that is no part of a first run.
  must(root, { argv: [process.execPath, join(root, 'bin', 'ers.js'), '--version'] });
  const tools = [own, ...found.filter((peer): peer is Tool => !('why' in peer))];
  for (const { name, version: wanted, why } of missing) say(`left out: ${name} ${wanted}: ${why}`);
  const work = mkdtempSync(join(tmpdir(), 'ers-bench-engine-'));
  try {
    const page = join(root, 'docs', 'benchmarks.md');
    const text: string[] = options.add ? [takeBetween(readFileSync(page, 'utf8')), ''] : [];
    // After each part: a run that is cut short has said what it knows.
    const tell = (lines: readonly string[]): void => {
      print(`${lines.join('\n')}\n`);
      text.push(...lines);
      if (options.write) writePage(page, text.join('\n'));
    };
    tell(heading(tools, missing));
    await measureAll(work, tools, options, tell);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function measureAll(
  work: string,
  tools: readonly Tool[],
  options: BenchOptions,
  tell: (lines: readonly string[]) => void,
): Promise<void> {
  const timed = tools.filter(({ name }, at) => at === 0 || options.timed?.has(name) !== false);
  for (const count of options.sizes) {
    const folder = join(work, String(count));
    mkdirSync(folder);
    const before = sayLoad();
    const timings = compareFiles(folder, timed, count, options.rounds, say);
    rmSync(folder, { recursive: true });
    const load = `Load average before ${before}, after ${sayLoad()}.`;
    tell([
      ...[`### ${grouped(count)} files of ${fileBytes} bytes`, '', load, ''],
      ...[`Nothing to do (up to ${options.rounds} rounds in turn):`, '', ...timesTable('noop', timings), ''],
      ...['One file changed (3 rounds in turn):', '', ...timesTable('changed', timings), ''],
      ...['First run (once):', '', ...timesTable('first', timings), ''],
    ]);
  }
  if (options.many > 0) {
    const folder = join(work, 'many');
    mkdirSync(folder);
    const before = sayLoad();
    const timings = compareFiles(folder, tools.slice(0, 1), options.many, 3, say);
    rmSync(folder, { recursive: true });
    tell([
      ...[`### ers alone on ${grouped(options.many)} files`, ''],
      ...[`Load average before ${before}, after ${sayLoad()}.`, ''],
      ...['Nothing to do:', '', ...timesTable('noop', timings), ''],
      ...['One file changed:', '', ...timesTable('changed', timings), ''],
      ...['First run:', '', ...timesTable('first', timings), ''],
    ]);
  }
  if (options.probes) {
    const together = pairTable(comparePair(work, tools, say));
    tell(['### Two stages of 2 s that need not wait for each other', '', ...together, '']);
    tell(['### Faults', '', ...(await probeAll(work, tools)), '']);
  }
}

/** One after the other: a busy machine would keep a tool from starting again at once. */
async function probeAll(work: string, tools: readonly Tool[]): Promise<readonly string[]> {
  const found = new Map<string, readonly Finding[]>();
  for (const { id, ask } of probes) {
    const findings: Finding[] = [];
    for (const [at, tool] of tools.entries()) {
      const folder = join(work, `${id}-${at}`);
      mkdirSync(folder);
      findings.push(await asked(() => ask(tool, folder)));
      say(`${id}, ${tool.name}: ${JSON.stringify(findings.at(-1))}`);
    }
    found.set(id, findings);
  }
  return probesTable(
    tools.map(({ name }) => name),
    probes,
    found,
  );
}

async function asked(ask: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { good: null, note: error.message };
  }
}

function heading(tools: readonly Tool[], missing: readonly Missing[]): readonly string[] {
  const [processor] = cpus();
  const names = tools.map(({ name, version }) => `${name} ${version}`);
  return [
    `Measured on ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC: ${processor?.model.trim() ?? '?'}, ${availableParallelism()} cores, ${process.platform}, Node ${process.versions.node}.`,
    `${names.join(', ')}.`,
    ...missing.map(({ name, version }) => `Could not be installed: ${name} ${version}.`),
    'Peak memory is that of the largest process.',
    '',
  ];
}

function writePage(file: string, text: string): void {
  const page = putBetween(readFileSync(file, 'utf8'), text);
  if (page === undefined) throw new Error(`Internal error: ${file} has no place for the tables`);
  writeFileSync(file, page);
}

function sayLoad(): string {
  return (loadavg()[0] ?? NaN).toFixed(1);
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
