import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultError } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import { writeNpy } from '../../formats/npy.ts';
import { asFloats, floats, readSafetensors, writeSafetensors } from '../../formats/safetensors.ts';
import { Graph } from '../../nn/graph/graph.ts';
import type { Parameter } from '../../nn/layers/scope.ts';
import { normalisation } from '../../nn/normalisation.ts';
import { buildNetwork, type ModelOptions } from '../../nn/trainer/model.ts';
import { torchShape } from '../../nn/weights/layout.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { ensureRuntime } from '../../runtime/install/ensure.ts';
import { loadTensorFlow } from '../../runtime/load.ts';
import { print, refuse } from '../terminal.ts';
import { compare, type Row } from './compare.ts';
import { readOptions, usage, type ParityOptions } from './options.ts';
import { runOurs, type Ours } from './ours.ts';
import { batchFor, Unusable, weightsFor, type BatchOf } from './problem.ts';
import { files, optimizerNames, recipe, type Found, type Job, type PeerNumbers } from './protocol.ts';

export interface ParityProgram {
  readonly args: readonly string[];
  /** bench/peers/parity.py. */
  readonly peer: string;
}

/** parity.py ends with this when it cannot import what it needs. */
const noTorch = 2;

/** The exit code: 0, 1 when something is off, 2 when PyTorch is missing or an option or a file is wrong. */
export async function main({ args, peer }: ParityProgram): Promise<number> {
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(`${options}\n${usage}`);
  const signal = new AbortController().signal;
  const runtime = await ensureRuntime({ emit: ({ text }) => print(`${text}\n`), signal });
  if (!runtime.ok) return refuse(sayFaults(new FaultError(...runtime.faults)));
  Object.assign(process.env, tensorFlowEnv());
  const dir = mkdtempSync(join(tmpdir(), 'ers-bench-parity-'));
  try {
    await prepareRandom();
    return await measure(options, { dir, peer, runtimeDir: runtime.value.dir });
  } catch (error) {
    if (error instanceof Unusable) return refuse(`${error.message}\n`);
    if (error instanceof FaultError) return refuse(sayFaults(error));
    throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(
  options: ParityOptions,
  { dir, peer, runtimeDir }: { readonly dir: string; readonly peer: string; readonly runtimeDir: string },
): Promise<number> {
  const batch = batchFor(options);
  const model = modelOf(options, batch);
  const { parameters } = buildNetwork(new Graph(), model);
  const weights = await weightsFor(options, parameters);
  const { n, height, width } = batch;
  writeFileSync(join(dir, files.images), writeNpy([n, height, width, model.channels], batch.images));
  writeFileSync(join(dir, files.masks), writeNpy([n, height, width], batch.masks));
  const tensors = toStateDict(parameters, weights, 0);
  await writeSafetensors(join(dir, files.weights), { tensors, metadata: { format: 'pt' } });
  const tensorFlow = loadTensorFlow(runtimeDir);
  const ours = runOurs({ tensorFlow, model, weights, batch, tmp: dir });
  const { relus } = await writeFindings(dir, parameters, ours);
  const { encoder, channels, decoder, classes, ignore } = options;
  const { normalisation: normal } = model;
  const job: Job = { dir, encoder, channels, decoder, classes, ignore, normalisation: normal, relus };
  const python = process.env['PYTHON'] ?? 'python3';
  const { status } = spawnSync(python, [peer, JSON.stringify({ ...job, files, recipe })], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // Threads that wait by spinning take thirty times as long where others use the processor, too.
    env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
  });
  if (status === noTorch || status === null) {
    return refuse(
      `${python} cannot be used: bench/peers/README.md says how to make one with PyTorch; PYTHON=… names it.\n`,
    );
  }
  if (status !== 0) throw new Error(`parity.py ended with code ${status}`);
  const numbers = JSON.parse(readFileSync(join(dir, files.numbers), 'utf8')) as PeerNumbers;
  const truth = await foundBy(join(dir, files.tensors), numbers);
  print(heading(options, batch, `TensorFlow ${tensorFlow.version}; ${numbers.what}`));
  const rows = compare(ours, truth, numbers);
  print(`${table(rows)}\n`);
  const failures = rows.flatMap(({ what, failures: each }) => each.map((failure) => `${what}: ${failure}`));
  const shown = 20;
  for (const failure of failures.slice(0, shown)) process.stderr.write(`${failure}\n`);
  if (failures.length > shown) process.stderr.write(`and ${failures.length - shown} more\n`);
  print(failures.length === 0 ? 'all within their bars\n' : `${failures.length} are off\n`);
  return failures.length === 0 ? 0 : 1;
}

/** What PyTorch needs of ours: the gradients of each optimizer's step, and what each ReLU and the max-pool decided. */
async function writeFindings(
  dir: string,
  parameters: readonly Parameter[],
  { slopes, decisions }: Ours,
): Promise<{ readonly relus: number }> {
  const tensors = optimizerNames.flatMap((optimizer) =>
    parameters.flatMap(({ name, variable }) => {
      const key = `${optimizer}/${name}`;
      const values = slopes.get(key);
      return values === undefined ? [] : [[key, floats(torchShape(variable.shape), values)] as const];
    }),
  );
  await writeSafetensors(join(dir, files.gradients), {
    tensors: new Map(tensors),
    metadata: { format: 'pt' },
  });
  decisions.forEach(({ relus, pooled }, step) => {
    const ofStep = (file: string) => join(dir, file.replace('S', String(step)));
    relus.forEach(({ shape, positive }, at) => {
      writeFileSync(ofStep(files.relu).replace('N', String(at)), writeNpy(shape, positive));
    });
    writeFileSync(ofStep(files.pooled), writeNpy(pooled.shape, pooled.values));
  });
  return { relus: decisions[0]?.relus.length ?? 0 };
}

function modelOf(
  { encoder, decoder, channels, classes, ignore }: ParityOptions,
  batch: BatchOf,
): ModelOptions {
  const { height, width } = batch;
  return {
    encoder,
    decoderChannels: decoder,
    channels,
    classes,
    ignore,
    height,
    width,
    normalisation: normalisation('imagenet', channels),
  };
}

async function foundBy(path: string, { double }: PeerNumbers): Promise<Found> {
  const file = await readSafetensors(path);
  if (!file.ok) throw new FaultError(...file.faults);
  const tensors = new Map([...file.value.tensors].map(([name, tensor]) => [name, asFloats(tensor)]));
  return { tensors, numbers: double };
}

function heading(options: ParityOptions, { n, height, width, masks }: BatchOf, what: string): string {
  const { encoder, channels, decoder, classes, seed, ignore, weights, images } = options;
  const ignored = masks.reduce((count, label) => count + (label === ignore ? 1 : 0), 0);
  return [
    `Unet-${encoder}, ${channels} channels, decoder ${decoder.join(',')}, ${classes} classes; ${n}×${height}×${width}, ${((100 * ignored) / masks.length).toFixed(1)} % of the pixels ignored`,
    `weights: ${weights ?? `random, seed ${seed}`}; batch: ${images ?? `random, seed ${seed}`}; ${recipe.ce} cross-entropy + ${recipe.dice} Dice`,
    `${what}; the truth is PyTorch in double precision; beside ers stands PyTorch in single precision (the worst of its two layouts; gradients also of one thread and several)`,
    '',
  ].join('\n');
}

function table(rows: readonly Row[]): string {
  const lines = [
    ['', 'compared', 'ers', 'torch fp32', 'bar', '', 'the worst'],
    ...rows.map((row) => [
      row.what,
      String(row.count),
      row.error.toExponential(1),
      row.single?.toExponential(1) ?? '',
      row.bar?.toExponential(0) ?? '',
      row.failures.length > 0 ? 'OFF' : row.bar === null ? '' : row.excused ? 'as fp32' : 'ok',
      row.worst,
    ]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function sayFaults({ faults }: FaultError): string {
  return faults.map(({ message, hint }) => `${message}${hint === undefined ? '' : `\n  ${hint}`}\n`).join('');
}
