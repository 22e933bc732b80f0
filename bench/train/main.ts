import { ensureRuntime } from '../../runtime/install/ensure.ts';
import { processor } from '../../runtime/machine.ts';
import { askGpus, type Gpu } from '../../runtime/nvidia-smi.ts';
import { print, refuse, sayLoad } from '../terminal.ts';
import { gpuLines, tiny } from './gpu-report.ts';
import { readOptions, usage, type BenchOptions } from './options.ts';
import { recipe } from './protocol.ts';
import { agreement, complaints, learning, roundHeading, roundLine, summary, type Round } from './report.ts';
import { SideEnded, type Side } from './side.ts';
import { withSides, type Programs, type Sides } from './sides.ts';

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
  const gpus = options.device === 'gpu' ? await askGpus(process.env, signal) : [];
  if (options.device === 'gpu' && gpus.length === 0) {
    return refuse('There is no NVIDIA GPU here, as nvidia-smi and the kernel say: nothing was measured.\n');
  }
  const runtime = await ensureRuntime({
    emit: ({ text }) => print(`${text}\n`),
    signal,
    ...(options.device === 'gpu' ? { variant: 'gpu' } : {}),
  });
  if (!runtime.ok) return refuse(`${runtime.faults.map(({ message }) => message).join('\n')}\n`);
  const python = process.env['PYTHON'] ?? 'python3';
  const programs: Programs = { ourSide, torchSide, python, runtime: runtime.value.dir };
  try {
    return await withSides(programs, options, async (sides) => {
      if (sides.ready.ours.device !== options.device) {
        return refuse('TensorFlow does not use the GPU: `npx ers doctor` says more. Nothing was measured.\n');
      }
      print(heading(options, sides.ready, gpus));
      const { code, done } = await compare(sides, options);
      if (options.device === 'gpu') {
        const small = await withSides(programs, { ...options, ...tiny }, hostPart);
        print(`${gpuLines(options, done, small, await sides.torch.arithmetic()).join('\n')}\n`);
      }
      return code;
    });
  } catch (error) {
    if (!(error instanceof SideEnded) || error.side !== 'torch') throw error;
    if (error.code !== noTorch && error.code !== null) throw error;
    return refuse(
      `${python} cannot be used: bench/peers/README.md says how to make one with PyTorch; PYTHON=… names it.\n`,
    );
  }
}

async function hostPart({ ours, torch }: Sides): Promise<Round> {
  await ours.steps(10);
  await torch.steps(10);
  return { ours: await ours.steps(50), torch: await torch.steps(50) };
}

/** Both sides take turns; who is first changes from round to round. */
async function compare(
  { ours, torch }: Sides,
  { rounds, steps, work }: BenchOptions,
): Promise<{ readonly code: number; readonly done: readonly Round[] }> {
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
  return { code: wrong.length === 0 ? 0 : 1, done };
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
  ready: Sides['ready'],
  gpus: readonly Gpu[],
): string {
  const { model, features } = processor();
  return [
    `${work === 'train' ? 'training step' : 'prediction'} on ${new Date().toISOString().slice(0, 10)}: Unet-${encoder}, ${recipe.classes} classes, ${batch}×${size}², ${precision}, ${threads} threads`,
    `${work === 'train' ? `${recipe.ce} cross-entropy + ${recipe.dice} Dice, Adam ${recipe.rate}` : 'uint8 classes, running statistics'}; the same first weights and batch on both sides, uint8 normalised inside the step on both; torch channels_last${precision === 'bf16' ? ' under autocast' : ''}`,
    `${ready.ours.what}; ${ready.torch.what}`,
    ...gpus.map(({ name, driver }) => `${name}, driver ${driver}`),
    `${model}; ${features.join(' ')}; load average before: ${sayLoad()}`,
    `${rounds} rounds of ${steps} steps after ${warmUpSteps} to warm up; a round's time is the median of its steps`,
    '',
  ].join('\n');
}
