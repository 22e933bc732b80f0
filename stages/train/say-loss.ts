import type { Params } from './params.ts';

/** Losses beside the two that a config has without a word of it. */
const others = ['focal', 'jaccard', 'tversky', 'lovasz'] as const;

/**
 * What is minimised, where a config asks for more than cross-entropy and Dice: these keep their weights of 0.7 and 0.3 unless
 * they are set to 0, which `loss: { lovasz: 1 }` does not say. Undefined where only they have a weight.
 */
export function sayLoss(loss: Params['loss']): string | undefined {
  if (others.every((name) => loss[name] === 0)) return undefined;
  const parts = (['ce', 'dice', ...others] as const)
    .filter((name) => loss[name] > 0)
    .map((name) => `${loss[name]} ${name}`);
  return `The loss is ${parts.join(' + ')}.`;
}
