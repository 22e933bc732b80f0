import type { StageContext, StageEvent } from '../../engine/stage.ts';
import { loadCheckpoint, type Found } from './checkpoint.ts';
import { changesSince, restoreThreads } from './environment.ts';
import type { Params } from './params.ts';
import { beginning, type Progress } from './progress.ts';
import { replay } from './replay.ts';
import { compile, firstWeights, openData, type Setup } from './setup.ts';

/** A training that is ready for its next step. */
export interface Begun {
  readonly setup: Setup;
  readonly progress: Progress;
  /** Threads of one op, where the checkpoint asked for another number than the engine. */
  readonly threads: number | undefined;
}

/** Sets up a training where its checkpoint stands, or at its beginning. Throws `FaultError` as `openData` and `compile` do. */
export async function begin(context: StageContext<Params>): Promise<Begun> {
  const data = await openData(context);
  try {
    const found = await loadCheckpoint(context.checkpoint, data.identity);
    const threads = found.status === 'loaded' ? restoreThreads(found.checkpoint.environment) : undefined;
    if (threads !== undefined) {
      const text = `TensorFlow uses ${threads} ${threads === 1 ? 'thread' : 'threads'}, as when the training was begun: with other numbers its last bits would differ.`;
      context.emit({ type: 'note', level: 'info', text });
    }
    const setup = await compile(context, data);
    return { setup, progress: await takeUp(setup, found), threads };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Fills the trainer from the checkpoint, or with first weights, and says where training stands. */
async function takeUp(setup: Setup, found: Found): Promise<Progress> {
  const { context, params, trainer } = setup;
  if (found.status !== 'loaded') {
    if (found.status === 'unusable') {
      context.emit(warning(`The checkpoint is not used, because ${found.why}; training starts anew.`));
    }
    trainer.write(await firstWeights(setup));
    return beginning;
  }
  const { progress, state, environment } = found.checkpoint;
  if (found.passedOver !== undefined) {
    context.emit(
      warning(
        `The newest checkpoint is not used, because ${found.passedOver}; training goes on from the one before it, in epoch ${progress.epoch}.`,
      ),
    );
  }
  trainer.write(state);
  const changes = changesSince(environment, setup.environment);
  if (changes !== '') {
    context.emit(
      warning(
        `Training goes on in another environment (${changes}): the last bits of the result may differ from an uninterrupted run.`,
      ),
    );
  }
  for (const event of replay(progress, params.train.max_epochs)) context.emit(event);
  return progress;
}

function warning(text: string): StageEvent {
  return { type: 'note', level: 'warning', text };
}
