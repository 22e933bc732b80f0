import { median } from '../../base/median.ts';
import { bestOf, commonIou, secondsTo, type Outcome, type Pair } from './outcome.ts';

export const heading = 'seed  side   best val IoU (epoch)  test IoU  training s   to val IoU      s';

/** One seed: a line a side, then what both are compared by. */
export function pairLines(pair: Pair): readonly string[] {
  const common = commonIou(pair);
  const line = (side: string, outcome: Outcome) => {
    const best = bestOf(outcome);
    return [
      String(pair.seed).padStart(4),
      side.padStart(6),
      `${best.valIou.toFixed(4)} (${best.epoch})`.padStart(21),
      outcome.testIou.toFixed(4).padStart(9),
      outcome.seconds.toFixed(1).padStart(11),
      `≥ ${common.toFixed(4)}`.padStart(12),
      secondsTo(outcome, common).toFixed(1).padStart(6),
    ].join(' ');
  };
  return [
    line('ers', pair.ours),
    line('torch', pair.torch),
    `     the weights of ers, tested by PyTorch: ${pair.oursInTorch.toFixed(4)}`,
  ];
}

/** All seeds together. A ratio is PyTorch's time over ours: above 1, ers is faster. */
export function summary(pairs: readonly Pair[]): readonly string[] {
  const [ours, torch] = [pairs.map(({ ours }) => ours), pairs.map(({ torch }) => torch)];
  const [ourTest, torchTest] = [ours, torch].map((side) => side.map(({ testIou }) => testIou));
  const [ourVal, torchVal] = [ours, torch].map((side) => side.map((outcome) => bestOf(outcome).valIou));
  const seeds = `mean (range) of ${pairs.length} seed${pairs.length === 1 ? '' : 's'}`;
  return [
    `best val IoU, ${seeds}: ers ${spread(ourVal)}, torch ${spread(torchVal)}`,
    `test IoU, ${seeds}: ers ${spread(ourTest)}, torch ${spread(torchTest)}`,
    `test IoU, ers − torch: ${signed(mean(ourTest) - mean(torchTest))}; ${noise(ourTest, torchTest)}`,
    `time of training, torch/ers, median (range): ${ratios(pairs.map(({ ours, torch }) => torch.seconds / ours.seconds))}`,
    `time to the same val IoU, torch/ers, median (range): ${ratios(
      pairs.map((pair) => {
        const common = commonIou(pair);
        return secondsTo(pair.torch, common) / secondsTo(pair.ours, common);
      }),
    )}`,
  ];
}

/** Whether the difference of two means says anything, by the standard error that the seeds give it. */
function noise(ours: readonly number[] = [], torch: readonly number[] = []): string {
  if (ours.length < 2) return 'one seed says nothing about noise';
  const error = Math.sqrt(variance(ours) / ours.length + variance(torch) / torch.length);
  const within = Math.abs(mean(ours) - mean(torch)) <= 2 * error;
  return `${within ? 'within' : 'more than'} twice its standard error over the seeds (${error.toFixed(4)})`;
}

function spread(values: readonly number[] = []): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${mean(values).toFixed(4)} (${least.toFixed(4)}–${most.toFixed(4)})`;
}

function ratios(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

function mean(values: readonly number[] = []): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the population that the values were drawn from (n − 1). */
function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) * (value - centre), 0) / (values.length - 1);
}
