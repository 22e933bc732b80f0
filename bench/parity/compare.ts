import { recipe, type Found, type Numbers, type PeerNumbers } from './protocol.ts';

/** One line of the report: the worst of a group of numbers, as a share of the truth's norm. */
export interface Row {
  readonly what: string;
  /** How many tensors or numbers it stands for. */
  readonly count: number;
  readonly worst: string;
  readonly error: number;
  /** PyTorch's own error in single precision for the same group; null where it is not computed. */
  readonly single: number | null;
  /** Null: told, and not judged. */
  readonly bar: number | null;
  /** The bar was missed, but rounding leads PyTorch as far. */
  readonly excused: boolean;
  readonly failures: readonly string[];
}

/** Bars of the project: see docs/training.md, "Parity with PyTorch". An optimizer's step is compared from equal gradients. */
const bars = { logits: 1e-4, loss: 1e-5, gradients: 1e-4, statistics: 1e-4, step: 1e-6 } as const;
const curveBars = { sgd: 1e-3, adamStart: 1e-3, adam: 1e-2 } as const;

/** An input of a ReLU that is farther from 0, beside its layer's root mean square, is not a matter of rounding. */
const nearZero = 1e-3;

/** Where rounding alone takes PyTorch in single precision past the bar, we may be this many times as far. */
const leeway = { gradients: 1, curve: 2 } as const;

interface Item {
  readonly name: string;
  readonly error: number;
  /** NaN where it is not computed. */
  readonly single: number;
}

export function compare(ours: Found, truth: Found, peer: PeerNumbers): Row[] {
  const tensors = (what: string, prefix: string, bar: number | null, allowed = 0): Row => {
    const items = [...truth.tensors].flatMap(([name, wanted]): Item[] =>
      name.startsWith(prefix)
        ? [{ name, error: distance(ours.tensors.get(name), wanted), single: peer.apart[name] ?? NaN }]
        : [],
    );
    return rowOf(what, items, bar, allowed);
  };
  const curve = (what: string, of: (numbers: Numbers) => readonly number[], bar: number): Row => {
    const items = of(peer.double).map((wanted, at) => ({
      name: `step ${at + 1}`,
      error: relative(of(ours.numbers)[at], wanted),
      single: Math.max(...peer.single.map((single) => relative(of(single)[at], wanted))),
    }));
    return rowOf(what, items, bar, leeway.curve);
  };
  const losses = (['evalLoss', 'adam'] as const).map((of) => ({
    name: of === 'adam' ? 'in training' : 'in evaluation',
    error: relative(firstOf(ours.numbers, of), firstOf(peer.double, of) ?? NaN),
    single: Math.max(
      ...peer.single.map((single) => relative(firstOf(single, of), firstOf(peer.double, of) ?? NaN)),
    ),
  }));
  const unknown = [...ours.tensors.keys()].filter((name) => !truth.tensors.has(name));
  if (unknown.length > 0) throw new Error(`Internal error: PyTorch gave no ${unknown.join(', ')}`);
  return [
    tensors('logits', 'logits/', bars.logits),
    rowOf('loss', losses, bars.loss),
    rowOf('inputs of ReLUs decided otherwise', [decisionItem(peer.decisions)], nearZero),
    tensors('gradients', 'gradient/', bars.gradients, leeway.gradients),
    tensors('gradients, each with its own decisions', 'undecided/', null),
    tensors('batch-norm statistics after a step', 'statistics/', bars.statistics),
    tensors('weights after a step of Adam', 'adam/', bars.step),
    tensors('weights after a step of AdamW', 'adamw/', bars.step),
    tensors('weights after a step of SGD', 'sgd/', bars.step),
    curve(
      `losses of 20 steps of SGD, rate ${recipe.sgd.rates[0]}, same decisions`,
      ({ decidedSgd }) => decidedSgd,
      curveBars.sgd,
    ),
    ...recipe.sgd.rates.map((rate, at) =>
      curve(`losses of 20 steps of SGD, rate ${rate}`, ({ sgd }) => sgd[at] ?? [], curveBars.sgd),
    ),
    curve('losses of 3 steps of Adam', ({ adam }) => adam.slice(0, 3), curveBars.adamStart),
    curve('losses of 20 steps of Adam', ({ adam }) => adam, curveBars.adam),
  ];
}

function decisionItem({ inputs, otherwise, farthest }: PeerNumbers['decisions']): Item {
  return { name: `${otherwise} of ${inputs}`, error: farthest, single: NaN };
}

function firstOf(numbers: Numbers, of: 'evalLoss' | 'adam'): number | undefined {
  return of === 'adam' ? numbers.adam[0] : numbers.evalLoss;
}

/** `allowed`: how many times PyTorch's own error is let through although it misses the bar. */
function rowOf(what: string, items: readonly Item[], bar: number | null, allowed = 0): Row {
  const first = items[0] ?? { name: 'nothing', error: NaN, single: NaN };
  const worst = items.reduce((a, b) => (a.error >= b.error ? a : b), first);
  const singles = items.map(({ single }) => single);
  const single = singles.some(Number.isNaN) ? null : Math.max(...singles);
  const misses = (limit: number) => items.filter(({ error }) => !(error <= limit));
  const missed = bar === null ? [] : misses(bar);
  const limit = Math.max(bar ?? 0, allowed * (single ?? 0));
  const off = bar === null ? [] : misses(limit);
  const told = limit === bar ? bar : `${limit.toExponential(2)}, as far as rounding leads PyTorch`;
  const failures = off.map(
    ({ name, error }) => `${name} is off by ${error.toExponential(2)}; the bar is ${told}`,
  );
  if (items.length === 0) failures.push('nothing was compared');
  return {
    what,
    count: items.length,
    worst: worst.name,
    error: worst.error,
    single,
    bar,
    excused: missed.length > off.length,
    failures,
  };
}

/** ‖found − wanted‖/‖wanted‖, or ‖found‖ where the truth is 0; NaN, which passes no bar, if they differ in length. */
function distance(found: Float32Array | undefined, wanted: Float32Array): number {
  if (found?.length !== wanted.length) return NaN;
  let [apart, norm] = [0, 0];
  for (let at = 0; at < wanted.length; at += 1) {
    const [ours, truth] = [found[at] ?? NaN, wanted[at] ?? NaN];
    apart += (ours - truth) * (ours - truth);
    norm += truth * truth;
  }
  return Math.sqrt(apart) / (norm === 0 ? 1 : Math.sqrt(norm));
}

function relative(found: number | undefined, wanted: number): number {
  return Math.abs((found ?? NaN) - wanted) / (wanted === 0 ? 1 : Math.abs(wanted));
}
