import { setImmediate } from 'node:timers/promises';
import { crashPoint } from '../../base/crash-point.ts';
import { epochPlan, readAhead } from './batches.ts';
import { historyLine } from './history.ts';
import { notFinite } from './not-finite.ts';
import type { Progress } from './progress.ts';
import type { Saving } from './saving.ts';
import type { Setup } from './setup.ts';
import { updateOf } from './updates.ts';

/**
 * The rest of the epoch that `start` stands in. Ends early when the engine asks to stop; nothing is saved for that here.
 * Throws what a saving that is under way fails with.
 */
export async function trainEpoch(setup: Setup, start: Progress, saving: Saving): Promise<Progress> {
  const { context, params, train, trainer, schedule, pace, longSteps } = setup;
  const { epoch } = start;
  const plan = epochPlan(train.keys.length, params.train.batch_size, params.train.seed, epoch);
  let progress = start;
  let saved = performance.now();
  pace.begin();
  for await (const { batch, samples, waited } of readAhead(train, plan.slice(start.step))) {
    const at = { epoch: epoch - 1, batch: progress.step };
    const update = updateOf(at, plan.length, params.train.accumulate);
    const rate = schedule({ epoch: epoch - 1, step: update.step });
    const begun = performance.now();
    const loss = trainer.train(batch, update.number, rate, update.closes);
    longSteps.took(performance.now() - begun);
    const step = progress.step + 1;
    if (!Number.isFinite(loss)) throw await notFinite(loss, `epoch ${epoch}, step ${step}`, train, samples);
    progress = {
      ...progress,
      step,
      steps: progress.steps + 1,
      lossSum: progress.lossSum + loss * batch.n,
      samples: progress.samples + batch.n,
      history: progress.history + historyLine({ type: 'step', epoch, step, loss, learning_rate: rate }),
    };
    context.emit({
      type: 'step',
      epoch,
      epochs: params.train.max_epochs,
      step,
      steps: plan.length,
      loss,
      learningRate: rate,
      ...pace.step(batch.n, waited),
    });
    crashPoint('step:done');
    crashPoint(`step:${epoch}.${step}`);
    // TensorFlow blocks the event loop: let signals, events and finished reads through. What these need is a wait for data.
    await pace.wait(setImmediate());
    saving.check();
    if (context.signal.aborted) break;
    // The end of the epoch has a checkpoint of its own.
    if (performance.now() - saved >= 1000 * context.checkpointEvery && step < plan.length) {
      await pace.save(saving.save(progress));
      saved = performance.now();
    }
  }
  return progress;
}
