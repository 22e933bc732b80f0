import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FaultError } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import { parseNpy } from '../../formats/npy.ts';
import { writeSafetensors } from '../../formats/safetensors.ts';
import { encoderNames } from '../../nn/encoders/encoder.ts';
import { initialState } from '../../nn/initial-state.ts';
import { normalisation } from '../../nn/normalisation.ts';
import type { ModelOptions } from '../../nn/trainer/model.ts';
import type { Batch } from '../../nn/trainer/trainer.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { loadTensorFlow } from '../../runtime/load.ts';
import { predicting, training } from './our-work.ts';
import { files, recipe, type Job, type Moved, type Predicted, type Ready, type Timed } from './protocol.ts';

/** The side of ers. Arguments: the job as JSON, the runtime's folder. */
const job = JSON.parse(process.argv[2] ?? '') as Job;
const tensorFlow = loadTensorFlow(process.argv[3] ?? '');
const encoder = encoderNames.find((name) => name === job.encoder);
if (encoder === undefined) throw new Error(`Internal error: no encoder ${job.encoder}`);

const model: ModelOptions = {
  encoder,
  decoderChannels: [256, 128, 64, 32, 16],
  channels: 3,
  classes: job.classes,
  ignore: recipe.ignore,
  height: job.size,
  width: job.size,
  normalisation: normalisation('imagenet', 3),
};
const batch: Batch = { n: job.batch, images: bytesOf(files.images), masks: bytesOf(files.masks) };
const work = (job.work === 'forward' ? predicting : training)(tensorFlow, job, model, batch);
await prepareRandom();
const first = initialState(work.parameters, 1);
work.write(first);
await writeSafetensors(join(job.dir, files.weights), {
  tensors: toStateDict(work.parameters, first, 0),
  metadata: { format: 'pt' },
});

answer({
  what: `TensorFlow ${tensorFlow.version}, Node ${process.versions.node}`,
  threads: job.threads,
  device: tensorFlow.usesGpu ? 'gpu' : 'cpu',
});
for await (const line of createInterface({ input: process.stdin })) {
  const [order, count] = line.split(' ');
  if (order === 'steps') answer(timed(Number(count)));
  else if (order === 'moved') answer(moved());
  else if (order === 'classes') answer({ classes: Buffer.from(work.classes()).toString('base64') });
  else if (order === 'stop') break;
  else throw new Error(`Internal error: unknown order ${line}`);
}
work.close();

function timed(count: number): Timed {
  const seconds: number[] = [];
  const losses: number[] = [];
  const used = process.cpuUsage();
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    const loss = work.run();
    seconds.push((performance.now() - began) / 1000);
    if (loss !== undefined) losses.push(loss);
  }
  const { user, system } = process.cpuUsage(used);
  // The kernel counts in KiB.
  return { seconds, losses, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024 };
}

function moved(): Moved {
  const now = work.weights();
  const trained = work.parameters.filter((parameter) => parameter.trainable);
  const differences = trained.map(({ name }) => {
    const [before, after] = [first.get(name), now.get(name)];
    if (before === undefined || after === undefined) throw new Error(`Internal error: no value for ${name}`);
    return after.reduce((most, value, at) => Math.max(most, Math.abs(value - (before[at] ?? NaN))), 0);
  });
  return {
    largest: Math.max(...differences),
    unchanged: differences.filter((difference) => difference === 0).length,
    parameters: differences.length,
  };
}

function bytesOf(name: string): Uint8Array {
  const array = parseNpy(readFileSync(join(job.dir, name)), name);
  if (!array.ok) throw new FaultError(...array.faults);
  if (!(array.value.data instanceof Uint8Array)) throw new Error(`Internal error: ${name} is not uint8`);
  return array.value.data;
}

function answer(value: Ready | Timed | Moved | Predicted): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
