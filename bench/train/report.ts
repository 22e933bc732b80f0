import { median } from '../../base/median.ts';
import type { Moved, Timed } from './protocol.ts';

export interface Round {
  readonly ours: Timed;
  readonly torch: Timed;
}

/** PyTorch's time over ours: above 1, ers is faster. */
export function wallRatio({ ours, torch }: Round): number {
  return median(torch.seconds) / median(ours.seconds);
}

/** PyTorch's CPU time a step over ours. */
export function cpuRatio({ ours, torch }: Round): number {
  return cpuOf(torch) / cpuOf(ours);
}

export const roundHeading = 'round   ers ms  torch ms  torch/ers   ers cpu ms  torch cpu ms  torch/ers';

export function roundLine(round: Round, number: number): string {
  const { ours, torch } = round;
  const cells: readonly (readonly [text: string, width: number])[] = [
    [String(number), 5],
    [(1000 * median(ours.seconds)).toFixed(0), 9],
    [(1000 * median(torch.seconds)).toFixed(0), 10],
    [wallRatio(round).toFixed(2), 11],
    [(1000 * cpuOf(ours)).toFixed(0), 13],
    [(1000 * cpuOf(torch)).toFixed(0), 14],
    [cpuRatio(round).toFixed(2), 11],
  ];
  return cells.map(([text, width]) => text.padStart(width)).join('');
}

/** How much faster ers was, and what either side needed for it. */
export function summary(warmUp: Round, rounds: readonly Round[]): string[] {
  const say = (ratios: readonly number[]) =>
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
  const last = rounds.at(-1) ?? warmUp;
  const [ourPeak, torchPeak] = [last.ours.peak, last.torch.peak];
  return [
    `time a step, torch/ers, median of ${rounds.length} rounds (range): ${say(rounds.map(wallRatio))}`,
    `CPU time a step, torch/ers, median (range): ${say(rounds.map(cpuRatio))}`,
    `peak RSS: ers ${gigabytes(ourPeak)}, torch ${gigabytes(torchPeak)}, ers/torch ${(ourPeak / torchPeak).toFixed(2)}`,
  ];
}

/** What both sides learnt. */
export function learning(warmUp: Round, rounds: readonly Round[], ours: Moved, torch: Moved): string[] {
  return [
    `losses of ers:   ${losses(lossesOf(warmUp, rounds, 'ours'))}`,
    `losses of torch: ${losses(lossesOf(warmUp, rounds, 'torch'))}`,
    `largest change of a weight: ers ${ours.largest.toExponential(2)}, torch ${torch.largest.toExponential(2)}`,
  ];
}

/** The share of pixels to which both sides gave the same class. */
export function agreement(ours: Uint8Array, torch: Uint8Array): number {
  if (ours.length !== torch.length) return 0;
  return ours.reduce((same, value, at) => (value === torch[at] ? same + 1 : same), 0) / ours.length;
}

/** What makes the measurement void: a side that did not train. */
export function complaints(
  warmUp: Round,
  rounds: readonly Round[],
  moved: { readonly ours: Moved; readonly torch: Moved },
): string[] {
  return (['ours', 'torch'] as const).flatMap((side) => {
    const name = side === 'ours' ? 'ers' : 'torch';
    const values = lossesOf(warmUp, rounds, side);
    const [first, last] = [values[0] ?? NaN, values.at(-1) ?? NaN];
    const { unchanged, parameters } = moved[side];
    return [
      ...(last < first ? [] : [`${name}: the loss did not fall (${first} → ${last}).`]),
      ...(unchanged === 0
        ? []
        : [`${name}: ${unchanged} of ${parameters} trained parameters did not change.`]),
    ];
  });
}

function lossesOf(warmUp: Round, rounds: readonly Round[], side: keyof Round): number[] {
  return [warmUp, ...rounds].flatMap((round) => round[side].losses);
}

/** The first three and the last. */
function losses(values: readonly number[]): string {
  const shown = values.map((value) => value.toFixed(4));
  return `${shown.slice(0, 3).join(' ')} … ${shown.at(-1) ?? ''} (step ${values.length})`;
}

function cpuOf({ cpu, seconds }: Timed): number {
  return cpu / seconds.length;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
