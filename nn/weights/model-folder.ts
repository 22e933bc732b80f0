import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { fail, ok, type Result } from '../../base/fault.ts';
import { readSafetensors } from '../../formats/safetensors.ts';
import { encoderNames } from '../encoders/encoder.ts';
import { Graph } from '../graph/graph.ts';
import { buildNetwork, type ModelOptions } from '../trainer/model.ts';
import type { State } from '../trainer/state-program.ts';
import { fromStateDict } from './smp.ts';
import { wrongWeights } from './wrong-weights.ts';

const closed = { additionalProperties: false };
const count = Type.Integer({ minimum: 1 });

/** `model.json`: all that is needed to use the weights beside it (docs/architecture.md). */
const ModelJson = Type.Object(
  {
    version: Type.Literal(1),
    architecture: Type.Object(
      {
        name: Type.Literal('unet'),
        encoder_name: Type.Enum([...encoderNames]),
        encoder_depth: Type.Literal(5),
        decoder_channels: Type.Array(count, { minItems: 5, maxItems: 5 }),
        in_channels: count,
        classes: count,
      },
      closed,
    ),
    classes: Type.Array(
      Type.Object(
        {
          value: Type.Integer(),
          train: Type.Union([Type.Integer(), Type.Null()]),
          name: Type.Optional(Type.String()),
          colour: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    ignore: Type.Integer({ minimum: 0, maximum: 255 }),
    height: count,
    width: count,
    normalisation: Type.Object(
      {
        scale: Type.Number(),
        mean: Type.Array(Type.Number()),
        std: Type.Array(Type.Number({ exclusiveMinimum: 0 })),
      },
      closed,
    ),
    /** The dates whose bands lie one after another in an input, of a model that was trained on stacked ones. */
    stacked_periods: Type.Optional(Type.Array(Type.String(), { minItems: 2 })),
    /** What `loss.class_weights: auto` became, by train index. */
    class_weights: Type.Optional(Type.Array(Type.Number({ minimum: 0 }))),
    best: Type.Object({ epoch: count, val_iou: Type.Number() }, closed),
    parameters: count,
    /** Version of ers that packaged it; with the names and colours of classes it comes where a model is packaged. */
    ers: Type.Optional(Type.String()),
  },
  closed,
);

export type ModelJson = Static<typeof ModelJson>;

const modelJsonFile = 'model.json';
export const weightsFile = 'model.safetensors';

export async function writeModelJson(dir: string, model: ModelJson): Promise<void> {
  await writeFile(join(dir, modelJsonFile), `${JSON.stringify(model, undefined, 2)}\n`);
}

/** The options of the graph that a `model.json` describes. */
export function modelOptions(model: ModelJson): ModelOptions {
  const { architecture, ignore, height, width, normalisation } = model;
  return {
    encoder: architecture.encoder_name,
    decoderChannels: architecture.decoder_channels,
    channels: architecture.in_channels,
    classes: architecture.classes,
    ignore,
    height,
    width,
    normalisation,
  };
}

/** Reads a folder that the train or the package stage wrote. Faults: ERS_WEIGHTS. */
export async function readModelFolder(
  dir: string,
): Promise<Result<{ readonly model: ModelJson; readonly state: State }>> {
  const model = await readModelJson(dir);
  if (!model.ok) return model;
  const path = join(dir, weightsFile);
  const file = await readSafetensors(path);
  if (!file.ok) return file;
  const { parameters } = buildNetwork(new Graph(), modelOptions(model.value));
  const { state, problems } = fromStateDict(parameters, file.value.tensors);
  if (problems.length > 0)
    return fail(wrongWeights(`The weights do not fit ${modelJsonFile}`, problems, path));
  return ok({ model: model.value, state });
}

/** Reads `model.json` alone. Faults: ERS_WEIGHTS. */
export async function readModelJson(dir: string): Promise<Result<ModelJson>> {
  const path = join(dir, modelJsonFile);
  const refuse = (why: string): Result<ModelJson> =>
    fail({
      code: 'ERS_WEIGHTS',
      message: `The model's description cannot be used: ${why}.`,
      place: { file: path },
      hint: 'Expected a folder that the train stage wrote.',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('it is no JSON');
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return refuse('it is not there');
    throw error;
  }
  if (Check(ModelJson, value)) {
    const { architecture, normalisation } = value;
    const bands = architecture.in_channels;
    if (normalisation.mean.length === bands && normalisation.std.length === bands) return ok(value);
    return refuse(
      `/normalisation holds ${normalisation.mean.length} means and ${normalisation.std.length} deviations for ${bands} bands`,
    );
  }
  const version = versionOf(value);
  if (version !== undefined && version !== 1) {
    return refuse(`it is of version ${version}, and this ers reads version 1`);
  }
  const [first] = Errors(ModelJson, value);
  return refuse(first === undefined ? 'it is malformed' : `${first.instancePath || '/'} ${first.message}`);
}

function versionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('version' in value)) return undefined;
  return typeof value.version === 'number' ? value.version : undefined;
}
