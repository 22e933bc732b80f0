import type { Ran } from '../pipelines.ts';
import { evaluate, type Made } from './model.ts';
import { stageName } from './sketch.ts';
import type { Workbench } from './workbench.ts';

/**
 * Keeps what the run came to. Of stages that make other bytes each time it reads off what they hold now, from the top down:
 * then the model says what all below must be.
 */
export function learn(bench: Workbench, ran: Ran): readonly Made[] {
  bench.depot.look();
  const { shape, world, ledger } = bench;
  for (const [at, stage] of shape.stages.entries()) {
    const outcome = ran.outcomes[stageName(at)];
    const counted = evaluate(shape, world, ledger.countOf)[at];
    if (counted?.type !== 'made' || (outcome?.type !== 'made' && outcome?.type !== 'cached')) continue;
    const standing = stage.series === undefined ? undefined : bench.standing(at);
    if (standing !== undefined) ledger.count(stage, counted, standing);
    const made = evaluate(shape, world, ledger.countOf)[at];
    if (made?.type === 'made') bench.used(at, made);
    if (outcome.type === 'made') ledger.madeFor(stageName(at), counted.key);
  }
  return evaluate(shape, world, ledger.countOf);
}
