import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareRandom } from '../../base/random.ts';
import { writeNpy } from '../../formats/npy.ts';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { ensureRuntime } from '../../runtime/install/ensure.ts';
import { processor } from '../../runtime/machine.ts';
import { readOptions, usage, type BenchOptions } from './options.ts';
import { files, recipe, type Job } from './protocol.ts';
import { agreement, complaints, learning, roundHeading, roundLine, summary, type Round } from './report.ts';
import { makeSample } from './sample.ts';
import { Side, SideEnded } from './side.ts';

export interface BenchProgram {
  readonly args: readonly string[];
  /** Built from our-side.ts. */
  readonly ourSide: string;
  /** bench/peers/torch_step.py. */
  readonly torchSide: string;
}

/** torch_step.py ends with this when it cannot import what it needs. */
const noTorch = 2;
const warmUpSteps = 2;

/** The exit code: 0, 1 when a side did not learn or the predictions differ, 2 when PyTorch is missing or an option is wrong. */
export async function main({ args, ourSide, torchSide }: BenchProgram): Promise<number> {
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(`${options}\n${usage}`);
  const signal = new AbortController().signal;
  const runtime = await ensureRuntime({ emit: ({ text }) => print(`${text}\n`), signal });
  if (!runtime.ok) return refuse(`${runtime.faults.map(({ message }) => message).join('\n')}\n`);
  const dir = mkdtempSync(join(tmpdir(), 'ers-bench-train-'));
  try {
    await prepareRandom();
    const { batch, size, threads, encoder, precision, work } = options;
    const sample = makeSample(batch, size, recipe.classes);
    writeFileSync(join(dir, files.images), writeNpy([batch, size, size, 3], sample.images));
    writeFileSync(join(dir, files.masks), writeNpy([batch, size, size], sample.masks));
    const job: Job = { dir, batch, size, threads, encoder, precision, work, classes: recipe.classes };
    const ours = new Side(
      'ers',
      process.execPath,
      [ourSide, JSON.stringify(job), runtime.value.dir],
      tensorFlowEnv(threads),
    );
    try {
      const ready = await ours.ready();
      const python = process.env['PYTHON'] ?? 'python3';
      const torch = new Side('torch', python, [torchSide, JSON.stringify({ ...job, ...recipe, files })], {
        OMP_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
      });
      try {
        const torchReady = await torch.ready();
        // Both have read their files. The weights are large, and Ctrl-C would leave them behind.
        rmSync(dir, { recursive: true });
        print(heading(options, `${ready.what}; ${torchReady.what}`));
        return await compare(ours, torch, options);
      } catch (error) {
        if (!(error instanceof SideEnded) || (error.code !== noTorch && error.code !== null)) throw error;
        return refuse(
          `${python} cannot be used: bench/peers/README.md says how to make one with PyTorch; PYTHON=… names it.\n`,
        );
      } finally {
        await torch.stop();
      }
    } finally {
      await ours.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Both sides take turns; who is first changes from round to round. */
async function compare(ours: Side, torch: Side, { rounds, steps, work }: BenchOptions): Promise<number> {
  const round = async (count: number, oursFirst: boolean): Promise<Round> => {
    if (oursFirst) return { ours: await ours.steps(count), torch: await torch.steps(count) };
    const later = await torch.steps(count);
    return { ours: await ours.steps(count), torch: later };
  };
  const warmUp = await round(warmUpSteps, true);
  const done: Round[] = [];
  print(`${roundHeading}\n`);
  for (let number = 1; number <= rounds; number += 1) {
    const next = await round(steps, number % 2 === 1);
    done.push(next);
    print(`${roundLine(next, number)}\n`);
  }
  print(`${summary(warmUp, done).join('\n')}\n`);
  const wrong = await (work === 'forward'
    ? comparePredictions(ours, torch)
    : compareLearning(warmUp, done, ours, torch));
  print(`load average at the end (1, 5, 15 min): ${sayLoad()}\n`);
  for (const complaint of wrong) process.stderr.write(`${complaint}\n`);
  return wrong.length === 0 ? 0 : 1;
}

/** Prints what was learnt; returns what makes the measurement void. */
async function compareLearning(
  warmUp: Round,
  done: readonly Round[],
  ours: Side,
  torch: Side,
): Promise<string[]> {
  const moved = { ours: await ours.moved(), torch: await torch.moved() };
  print(`${learning(warmUp, done, moved.ours, moved.torch).join('\n')}\n`);
  return complaints(warmUp, done, moved);
}

/** Pixels whose two best classes are nearly equal may fall to either. */
const leastAgreement = 0.999;

async function comparePredictions(ours: Side, torch: Side): Promise<string[]> {
  const same = agreement(await ours.classes(), await torch.classes());
  print(`pixels of the same class: ${(100 * same).toFixed(3)} %\n`);
  return same < leastAgreement
    ? [`The predictions differ: ${(100 * same).toFixed(3)} % of the pixels agree.`]
    : [];
}

function heading(
  { batch, size, encoder, precision, work, threads, rounds, steps }: BenchOptions,
  what: string,
): string {
  const { model, features } = processor();
  return [
    `${work === 'train' ? 'training step' : 'prediction'} on ${new Date().toISOString().slice(0, 10)}: Unet-${encoder}, ${recipe.classes} classes, ${batch}×${size}², ${precision}, ${threads} threads`,
    `${work === 'train' ? `${recipe.ce} cross-entropy + ${recipe.dice} Dice, Adam ${recipe.rate}` : 'uint8 classes, running statistics'}; the same first weights and batch on both sides, uint8 normalised inside the step on both; torch channels_last${precision === 'bf16' ? ' under autocast' : ''}`,
    what,
    `${model}; ${features.join(' ')}; load average before: ${sayLoad()}`,
    `${rounds} rounds of ${steps} steps after ${warmUpSteps} to warm up; a round's time is the median of its steps`,
    '',
  ].join('\n');
}

function sayLoad(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

function print(text: string): void {
  process.stdout.write(text);
}
