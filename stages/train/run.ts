import { settle } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import type { StageReport, StageRun } from '../../engine/stage.ts';
import { begin } from './begin.ts';
import { Curves } from './curves.ts';
import type { definition } from './definition.ts';
import { fit } from './fit.ts';
import { writeOuts } from './outputs.ts';
import { Saving } from './saving.ts';

/** Trains, or goes on where the checkpoint stands: the result is the same, bit for bit. */
export const run: StageRun<typeof definition> = (context) =>
  settle(async (): Promise<StageReport> => {
    await prepareRandom();
    const curves = new Curves({
      logs: context.logs,
      now: () => Date.now(),
      onFault: (text) => context.emit({ type: 'note', level: 'warning', text }),
    });
    const {
      setup,
      progress: start,
      threads,
    } = await begin({
      ...context,
      emit: (event) => {
        curves.add(event);
        context.emit(event);
      },
    });
    const saving = new Saving(setup);
    try {
      curves.begin(start, setup.train.keys.length);
      const { progress, stopped } = await fit(setup, start, saving);
      await setup.pace.save(saving.wait());
      const pace = setup.pace.summary();
      if (pace !== undefined) context.emit({ type: 'note', level: 'info', text: pace });
      saving.check();
      if (stopped) return { status: 'stopped' };
      await writeOuts(setup, progress);
      const { best } = progress;
      if (best !== null) {
        context.emit({
          type: 'metrics',
          values: { val_iou: best.valIou, best_epoch: best.epoch, epochs: progress.epoch - 1 },
        });
      }
      return { status: 'done', ...(threads === undefined ? {} : { runtime: { threads } }) };
    } finally {
      await saving.close();
      curves.close();
      await setup.close();
    }
  });
