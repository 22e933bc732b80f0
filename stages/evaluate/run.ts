import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, settle, type Result } from '../../base/fault.ts';
import type { StageContext, StageReport, StageRun } from '../../engine/stage.ts';
import { encodePng } from '../../imaging/encode.ts';
import { unstackBands } from '../../imaging/stack.ts';
import { confusionOf } from '../../nn/metrics/confusion.ts';
import { openPredictor, type Predictor } from '../../nn/predict.ts';
import { readModelJson } from '../../nn/weights/model-folder.ts';
import { rowOfModel } from '../model-classes.ts';
import { rgbOf, type ClassRow } from '../class-table.ts';
import { storedJson } from '../../base/stored-json.ts';
import { openDataset, type Dataset } from '../shards/reader/dataset.ts';
import { checkFits } from './check-fits.ts';
import type { definition } from './definition.ts';
import { metricsJson } from './metrics-json.ts';
import { drawComparison } from './picture.ts';
import { renderReport, type ReportInput } from './report.ts';
import { chooseSamples, type Chosen } from './scores.ts';
import { scoreOf, tally, type Judged } from './tally.ts';

/** Images that go through the network at once; no byte of an out depends on it. */
const batch = 8;

export const run: StageRun<typeof definition> = (context) => settle(() => evaluate(context));

type Context = Parameters<typeof run>[0];

async function evaluate(context: Context): Promise<StageReport> {
  const { params, signal } = context;
  const dataset = await openDataset(need(context.deps['test'], 'test'), 'test');
  const modelDir = need(context.deps['model'], 'model');
  const predictor = await openPredictor({
    modelDir,
    runtimeDir: need(context.runtime, 'runtime'),
    batch: Math.min(batch, dataset.keys.length),
  });
  try {
    checkFits(predictor, dataset.info);
    const classes = rowsInTrainOrder(params.classes, predictor);
    const judged = await judge(dataset, predictor, context);
    if (signal.aborted) return { status: 'stopped' };
    const scores = tally(judged, classes.length);
    const pictures = await draw(
      chooseSamples(judged.map(scoreOf), params.evaluate.pictures),
      dataset,
      predictor,
      classes,
    );
    const model = unwrap(await readModelJson(modelDir));
    const name = `${model.architecture.name} with ${model.architecture.encoder_name}`;
    await writeFile(
      need(context.outs['metrics'], 'metrics'),
      storedJson(metricsJson(scores, classes, model.best)),
    );
    await writeFile(
      need(context.outs['report'], 'report'),
      renderReport({
        scores,
        classes,
        pictures,
        stacked: dataset.info.stacked_periods ?? null,
        model: { name, epoch: model.best.epoch, valIou: model.best.val_iou },
      }),
    );
    for (const { file, png } of pictures) {
      await writeFile(join(need(context.outs['pictures'], 'pictures'), file), png);
    }
    context.emit({
      type: 'metrics',
      values: { test_iou: scores.iou, commonest_class_iou: scores.commonest.iou, mean_iou: scores.meanIou },
    });
    return { status: 'done' };
  } finally {
    predictor.close();
    await dataset.close();
  }
}

/** Predicts every sample and counts its pixels; a pixel that truth ignores is not counted. */
async function judge(
  dataset: Dataset,
  predictor: Predictor,
  context: Pick<StageContext<unknown>, 'signal' | 'emit'>,
): Promise<readonly Judged[]> {
  const total = dataset.keys.length;
  const pixels = predictor.height * predictor.width;
  const judged: Judged[] = [];
  for (let start = 0; start < total && !context.signal.aborted; start += batch) {
    const places = range(start, Math.min(total, start + batch));
    const { images, masks, n } = await dataset.read(places);
    const predictions = predictor.predict(images, n);
    for (const [at, place] of places.entries()) {
      const cut = (all: Uint8Array) => all.subarray(at * pixels, (at + 1) * pixels);
      const confusion = confusionOf(cut(predictions), cut(masks), dataset.classes, dataset.info.ignore);
      judged.push({ ...(await dataset.source(place)), confusion });
    }
    context.emit({ type: 'progress', label: 'test', done: judged.length, total, unit: 'images' });
  }
  return judged;
}

async function draw(
  chosen: readonly Chosen[],
  dataset: Dataset,
  predictor: Predictor,
  classes: readonly ClassRow[],
): Promise<ReportInput['pictures']> {
  const { width, height, channels, ignore, stacked_periods: stacked } = dataset.info;
  const colours = classes.map(({ colour }) => rgbOf(colour));
  const pictures = [];
  for (const sample of chosen) {
    const { images, masks } = await dataset.read([dataset.keys.indexOf(sample.key)]);
    const sheet = drawComparison({
      images: unstackBands({ width, height, channels, pixels: images }, stacked?.length ?? 1),
      truth: masks,
      prediction: predictor.predict(images, 1),
      colours,
      ignore,
    });
    pictures.push({
      sample,
      file: `${sample.standing}-${sample.rank}-${sample.key}.png`,
      png: await encodePng(sheet),
    });
  }
  return pictures;
}

/** The class table's rows by train index; the model must have been trained with the same table. */
function rowsInTrainOrder(table: readonly ClassRow[], { classes }: Predictor): readonly ClassRow[] {
  const trained = classes
    .filter(({ train }) => train !== null)
    .sort((a, b) => (a.train ?? 0) - (b.train ?? 0));
  return trained.map(({ value }) => rowOfModel(table, value));
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}

function need<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`Internal error: the engine gave no ${name}`);
  return value;
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new FaultError(...result.faults);
  return result.value;
}
