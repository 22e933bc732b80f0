import type { Schedule, Span } from './schedule.ts';

/**
 * `torch.optim.lr_scheduler.PolynomialLR` over all epochs, stepped once an epoch: η(e) = η₀·(1 − e/epochs)^power, and 0 after
 * them. The power is taken as exp(power·log x): `**` has other bits in other versions of Node.
 */
export function polynomial({
  initial,
  power,
  epochs,
}: {
  readonly initial: number;
  /** > 0 */
  readonly power: number;
} & Pick<Span, 'epochs'>): Schedule {
  return ({ epoch }) => (epoch >= epochs ? 0 : initial * Math.exp(power * Math.log(1 - epoch / epochs)));
}
