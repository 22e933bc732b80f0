import { median } from '../../base/median.ts';
import type { BenchOptions } from './options.ts';
import type { Arithmetic } from './protocol.ts';
import type { Round } from './report.ts';

/** A step so small that a device has hardly any work: nearly all of its time is the host's. Batch norm needs two images. */
export const tiny = { batch: 2, size: 32 } as const;

/** What is asked of a GPU beside the time of a step. `small` are steps of `tiny`. */
export function gpuLines(
  { batch, precision }: Pick<BenchOptions, 'batch' | 'precision'>,
  rounds: readonly Round[],
  small: Round,
  { step, peak }: Arithmetic,
): string[] {
  const [ours, torch] = (['ours', 'torch'] as const).map((side) =>
    median(rounds.map((round) => median(round[side].seconds))),
  );
  const rate = (seconds = NaN) => (batch / seconds).toFixed(0);
  const share = (seconds = NaN) => `${((100 * step) / seconds / peak).toFixed(1)} %`;
  const ms = (seconds: readonly number[]) => (1000 * median(seconds)).toFixed(2);
  return [
    `images a second, median of the rounds: ers ${rate(ours)}, torch ${rate(torch)}`,
    `share of the peak (a ${precision} matrix product: ${tera(peak)} TFLOP/s; a step: ${tera(step)} TFLOP by PyTorch's count): ers ${share(ours)}, torch ${share(torch)}`,
    `host's part, ms of a step of ${tiny.batch}×${tiny.size}²: ers ${ms(small.ours.seconds)}, torch ${ms(small.torch.seconds)}`,
  ];
}

function tera(value: number): string {
  return (value / 1e12).toFixed(2);
}
