import { canonical } from '../../base/canonical.ts';
import { sha256, type Digest } from '../../base/digest.ts';
import { FaultError } from '../../base/fault.ts';
import type { StageContext } from '../../engine/stage.ts';
import { initialState } from '../../nn/initial-state.ts';
import { normalisation } from '../../nn/normalisation.ts';
import type { Schedule } from '../../nn/schedules/schedule.ts';
import type { ModelOptions } from '../../nn/trainer/model.ts';
import type { State } from '../../nn/trainer/state-program.ts';
import { Trainer } from '../../nn/trainer/trainer.ts';
import { readEncoder } from '../../nn/weights/encoder-file.ts';
import { loadTensorFlow, type TensorFlow } from '../../runtime/load.ts';
import { processor } from '../../runtime/machine.ts';
import { askGpus, computingGpu } from '../../runtime/nvidia-smi.ts';
import { batchSizes } from './batches.ts';
import { classWeightsOf } from './class-weights.ts';
import { openDataset, type Dataset } from '../shards/reader/dataset.ts';
import { environmentOf, type Environment } from './environment.ts';
import { Feed } from './feed.ts';
import { LongSteps } from './long-steps.ts';
import { oneValue } from './one-value.ts';
import { openingNotes } from './opening-notes.ts';
import { Pace } from './pace.ts';
import type { Params } from './params.ts';
import { precisionAdvice, type ComputingDevice } from './precision-advice.ts';
import { lossOf, optimizerOf, scheduleOf } from './recipe.ts';
import { updatesOf } from './updates.ts';

/** What a training run reads. */
export interface Data {
  readonly train: Dataset;
  readonly val: Dataset;
  /** Names the run in its checkpoints. */
  readonly identity: Digest;
  readonly close: () => Promise<void>;
}

/** Everything that a training run works with. */
export interface Setup {
  readonly context: StageContext<Params>;
  readonly params: Params;
  readonly train: Dataset;
  readonly val: Dataset;
  readonly model: ModelOptions;
  readonly trainer: Trainer;
  readonly schedule: Schedule;
  readonly pace: Pace;
  readonly longSteps: LongSteps;
  /** Factor of each trained class in the loss; null: 1 each. */
  readonly classWeights: readonly number[] | null;
  /** Names this run in its checkpoints. */
  readonly identity: Digest;
  readonly environment: Environment;
  close(): Promise<void>;
}

/** Throws `FaultError`: ERS_SHARD, ERS_DATASET_EMPTY, ERS_SIZE_MISMATCH, ERS_BATCH_TOO_SMALL. */
export async function openData({ deps, params, startWorker }: StageContext<Params>): Promise<Data> {
  if (deps['train'] === undefined || deps['val'] === undefined) {
    throw new Error('Internal error: the engine gave no shards');
  }
  const train = await openDataset(deps['train'], 'train');
  try {
    const val = await openDataset(deps['val'], 'val');
    try {
      checkSizes(train, val);
      const { height, width } = train.info;
      const tooSmall = oneValue({
        samples: train.keys.length,
        batchSize: params.train.batch_size,
        height,
        width,
      });
      if (tooSmall !== undefined) {
        throw new FaultError({ ...tooSmall, about: { param: ['train', 'batch_size'] } });
      }
    } catch (error) {
      await val.close();
      throw error;
    }
    const feed = new Feed(startWorker, [
      { dir: deps['train'], shownAs: 'train' },
      { dir: deps['val'], shownAs: 'val' },
    ]);
    return {
      train: feed.through(0, train),
      val: feed.through(1, val),
      identity: sha256(canonical({ params, train: train.keys, val: val.keys })),
      close: async () => {
        await feed.close();
        await val.close();
        await train.close();
      },
    };
  } catch (error) {
    await train.close();
    throw error;
  }
}

/** Loads TensorFlow and compiles what the data and the params ask for. Throws `FaultError`: ERS_RUNTIME_DAMAGED, ERS_SCHEMA. */
export async function compile(
  context: StageContext<Params>,
  { train, val, identity, close }: Data,
): Promise<Setup> {
  if (context.runtime === undefined) throw new Error('Internal error: the engine gave no runtime');
  const { params, tmp } = context;
  const classWeights = classWeightsOf(params.loss.class_weights, train.info);
  const loss = lossOf(params, classWeights);
  const told = { info: train.info, samples: train.keys.length };
  for (const note of openingNotes(params, told, classWeights)) context.emit(note);
  const trainBatches = batchSizes(train.keys.length, params.train.batch_size);
  const model = modelOf(params, train);
  const tensorFlow = loadTensorFlow(context.runtime);
  const size = params.train.batch_size;
  const advice = precisionAdvice(params.train.precision, await computingDevice(tensorFlow, context.signal));
  if (advice !== undefined) context.emit(advice);
  const trainer = new Trainer({
    tensorFlow,
    model,
    loss,
    optimizer: (graph, weights) => optimizerOf(params, graph, weights),
    precision: params.train.precision,
    clipNorm: params.optimizer.clip_norm,
    accumulate: params.train.accumulate,
    average: params.train.ema,
    trainBatches,
    evalBatches: batchSizes(val.keys.length, size),
    tmp,
  });
  return {
    context,
    params,
    train,
    val,
    model,
    trainer,
    classWeights,
    schedule: scheduleOf(params, updatesOf(Math.ceil(train.keys.length / size), params.train.accumulate)),
    pace: new Pace(() => performance.now()),
    longSteps: new LongSteps(context.emit),
    identity,
    environment: environmentOf(tensorFlow),
    close: async () => {
      trainer.close();
      await close();
    },
  };
}

async function computingDevice({ usesGpu }: TensorFlow, signal: AbortSignal): Promise<ComputingDevice> {
  if (!usesGpu) return { type: 'processor', processor: processor() };
  const gpus = await askGpus(process.env, signal);
  return { type: 'gpu', gpu: computingGpu(gpus, process.env['CUDA_VISIBLE_DEVICES']) };
}

/** The weights of a run that starts: random, with a pretrained encoder if one is given. Throws ERS_WEIGHTS. */
export async function firstWeights({ context, params, trainer }: Setup): Promise<State> {
  const random = initialState(trainer.parameters, params.train.seed);
  const file = context.deps['encoder'];
  const about = { input: 'encoder' };
  if (file === undefined) return random;
  const encoder = await readEncoder(file, trainer.parameters, 'encoder');
  if (!encoder.ok) throw new FaultError(...encoder.faults.map((fault) => ({ ...fault, about })));
  return new Map([...random, ...encoder.value]);
}

function modelOf({ model }: Params, train: Dataset): ModelOptions {
  const { height, width, channels, ignore } = train.info;
  return {
    encoder: model.encoder_name,
    decoderChannels: model.decoder_channels,
    channels,
    classes: train.classes,
    ignore,
    height,
    width,
    normalisation: normalisation(model.normalisation, channels),
  };
}

function checkSizes(train: Dataset, val: Dataset): void {
  const say = ({ info, classes }: Dataset) =>
    `${info.height}×${info.width}×${info.channels}, ${classes} classes`;
  if (say(train) !== say(val)) {
    throw new FaultError({
      code: 'ERS_SIZE_MISMATCH',
      message: `The train samples are ${say(train)}; the val samples are ${say(val)}.`,
      hint: 'Make both sets with one run of the shards stage.',
    });
  }
  const { height, width } = train.info;
  if (height % 32 !== 0 || width % 32 !== 0) {
    throw new FaultError({
      code: 'ERS_SIZE_MISMATCH',
      message: `The samples are ${height}×${width}; the network halves them five times, so both must be multiples of 32.`,
      hint: 'Choose a multiple of 32 for `image.img_size`.',
    });
  }
}
