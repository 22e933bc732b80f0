import { canonical } from '../../base/canonical.ts';
import { settle } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import type { StageReport, StageRun } from '../../engine/stage.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { Curves } from './curves.ts';
import type { definition } from './definition.ts';
import { fit } from './fit.ts';
import { writeOuts } from './outputs.ts';
import { beginning, type Progress } from './progress.ts';
import { replay } from './replay.ts';
import { firstWeights, setUp, type Setup } from './setup.ts';

/** Trains, or goes on where the checkpoint stands: the result is the same, bit for bit. */
export const run: StageRun<typeof definition> = (context) =>
  settle(async (): Promise<StageReport> => {
    await prepareRandom();
    const curves = new Curves({
      logs: context.logs,
      now: () => Date.now(),
      onFault: (text) => context.emit({ type: 'note', level: 'warning', text }),
    });
    const setup = await setUp({
      ...context,
      emit: (event) => {
        curves.add(event);
        context.emit(event);
      },
    });
    try {
      const start = await takeUp(setup);
      curves.begin(start.steps, start.history);
      const { progress, stopped } = await fit(setup, start);
      const pace = setup.pace.summary();
      if (pace !== undefined) context.emit({ type: 'note', level: 'info', text: pace });
      if (stopped) return { status: 'stopped' };
      await writeOuts(setup, progress);
      const { best } = progress;
      if (best !== null) {
        context.emit({
          type: 'metrics',
          values: { val_iou: best.valIou, best_epoch: best.epoch, epochs: progress.epoch - 1 },
        });
      }
      return { status: 'done' };
    } finally {
      curves.close();
      await setup.close();
    }
  });

/** Fills the trainer from the checkpoint, or with first weights, and says where training stands. */
async function takeUp(setup: Setup): Promise<Progress> {
  const { context, trainer } = setup;
  const found = await loadCheckpoint(context.checkpoint, setup.identity);
  if (found.status === 'loaded') {
    const { progress, state, environment } = found.checkpoint;
    trainer.write(state);
    if (canonical(environment) !== canonical(setup.environment)) {
      context.emit({
        type: 'note',
        level: 'warning',
        text: `Training goes on in another environment (${sayChanges(environment, setup.environment)}): the last bits of the result may differ from an uninterrupted run.`,
      });
    }
    for (const event of replay(progress, context.params.train.max_epochs)) context.emit(event);
    return progress;
  }
  if (found.status === 'unusable') {
    const text = `The checkpoint is not used, because ${found.why}; training starts anew.`;
    context.emit({ type: 'note', level: 'warning', text });
  }
  trainer.write(await firstWeights(setup));
  return beginning;
}

function sayChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string {
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${before[name] ?? '(unset)'} → ${after[name] ?? '(unset)'}`)
    .join(', ');
}
