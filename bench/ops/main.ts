import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../base/median.ts';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { ensureRuntime } from '../../runtime/install/ensure.ts';
import { processor } from '../../runtime/machine.ts';
import { prepareJob } from '../train/job.ts';
import type { BenchOptions } from '../train/options.ts';
import { Side, type Errors } from '../train/side.ts';
import { loggingEnv, readExecutorLog } from './executor-log.ts';
import { readOpsOptions, usage } from './options.ts';
import { rowsOf, tableOf } from './report.ts';

export interface OpsProgram {
  readonly args: readonly string[];
  /** Built from bench/train/our-side.ts. */
  readonly ourSide: string;
}

const warmUpSteps = 2;

/** The exit code: 0, or 2 when an option is wrong or TensorFlow is missing. */
export async function main({ args, ourSide }: OpsProgram): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const options = readOpsOptions(args);
  if (typeof options === 'string') return refuse(`${options}\n${usage}`);
  const runtime = await ensureRuntime({
    emit: ({ text }) => print(text),
    signal: new AbortController().signal,
  });
  if (!runtime.ok) return refuse(`${runtime.faults.map(({ message }) => message).join('\n')}\n`);
  const dir = mkdtempSync(join(tmpdir(), 'ers-bench-ops-'));
  try {
    const job = await prepareJob(dir, options);
    const time = async (env: Readonly<Record<string, string>>, errors: Errors) => {
      const command = [ourSide, JSON.stringify(job), runtime.value.dir];
      const side = new Side(
        'ers',
        process.execPath,
        command,
        { ...tensorFlowEnv(options.threads), ...env },
        errors,
      );
      try {
        const { what } = await side.ready();
        await side.steps(warmUpSteps);
        return { what, milliseconds: 1000 * median((await side.steps(options.steps)).seconds) };
      } finally {
        await side.stop();
      }
    };
    const usual = await time({}, 'inherit');
    const log = join(dir, 'executor.log');
    const into = openSync(log, 'w');
    const logged = await time(loggingEnv, into);
    closeSync(into);
    const rows = rowsOf(readExecutorLog(readFileSync(log, 'utf8')), options.steps);
    if (rows.length === 0) throw new Error('Internal error: TensorFlow logged no op');
    for (const line of [...heading(options, usual.what), '', ...tableOf(rows), '']) print(line);
    print(`a step with the log, one op at a time: ${logged.milliseconds.toFixed(0)} ms`);
    print(`a step as in training, ops side by side: ${usual.milliseconds.toFixed(0)} ms`);
    return 0;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function heading(
  { batch, size, encoder, precision, work, threads, steps }: BenchOptions,
  what: string,
): string[] {
  const { model, features } = processor();
  return [
    `ops of a ${work === 'train' ? 'training step' : 'prediction'} on ${new Date().toISOString().slice(0, 10)}: Unet-${encoder}, ${batch}×${size}², ${precision}, ${threads} threads, mean of ${steps} steps`,
    `${what}; ${model}; ${features.join(' ')}`,
  ];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}
