import { setImmediate } from 'node:timers/promises';
import type { Confusion } from '../../nn/metrics/confusion.ts';
import { microImagewiseIou } from '../../nn/metrics/scores.ts';
import { plainPlan, readAhead } from './batches.ts';
import { notFinite } from './not-finite.ts';
import type { Setup } from './setup.ts';

export interface Validation {
  /** Mean of the batches' losses, weighted by their size (as Lightning does; it depends a little on the batch size). */
  readonly loss: number;
  /** Micro-imagewise: the mean over the images. */
  readonly iou: number;
}

/** Scores the whole val set; undefined when the engine asked to stop meanwhile. */
export async function validate(setup: Setup, epoch: number): Promise<Validation | undefined> {
  const { context, params, val, trainer } = setup;
  const confusions: Confusion[] = [];
  let lossSum = 0;
  for await (const { batch, samples } of readAhead(
    val,
    plainPlan(val.keys.length, params.train.batch_size),
  )) {
    const result = trainer.evaluate(batch);
    if (!Number.isFinite(result.loss)) {
      throw await notFinite(result.loss, `the validation of epoch ${epoch}`, val, samples);
    }
    lossSum += result.loss * batch.n;
    confusions.push(...result.confusions);
    await setImmediate();
    if (context.signal.aborted) return undefined;
  }
  return { loss: lossSum / confusions.length, iou: microImagewiseIou(confusions) };
}
