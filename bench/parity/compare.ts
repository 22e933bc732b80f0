import type { Found, Numbers, PeerNumbers } from './protocol.ts';

/** One line of the report: the worst of a group of numbers, as a share of the truth's norm. */
export interface Row {
  readonly what: string;
  /** How many tensors or numbers it stands for. */
  readonly count: number;
  readonly worst: string;
  readonly error: number;
  /** PyTorch's own error in single precision for the same group. */
  readonly single: number;
  readonly bar: number;
  /** Each that misses both the bar and what single precision does to PyTorch itself. */
  readonly failures: readonly string[];
}

/** Bars of the project: see docs/training.md, "Parity with PyTorch". */
const bars = { logits: 1e-4, loss: 1e-5, gradients: 1e-4, statistics: 1e-4, weights: 1e-4 } as const;
const curveBars = { sgd: 1e-3, adamStart: 1e-3, adam: 1e-2 } as const;

/**
 * Where rounding alone takes PyTorch in single precision past a bar (a ReLU whose input is within rounding of 0 has two
 * right gradients), we may be this many times as far.
 */
const leeway = 2;

interface Item {
  readonly name: string;
  readonly error: number;
  readonly single: number;
}

export function compare(ours: Found, truth: Found, peer: PeerNumbers): Row[] {
  const tensors = (what: string, prefix: string, bar: number): Row => {
    const items = [...truth.tensors].flatMap(([name, wanted]): Item[] =>
      name.startsWith(prefix)
        ? [{ name, error: distance(ours.tensors.get(name), wanted), single: peer.apart[name] ?? NaN }]
        : [],
    );
    return rowOf(what, items, bar);
  };
  const curve = (what: string, of: 'adam' | 'sgd', count: number, bar: number): Row => {
    const items = peer.double[of].slice(0, count).map((wanted, at) => ({
      name: `step ${at + 1}`,
      error: relative(ours.numbers[of][at], wanted),
      single: relative(peer.single[of][at], wanted),
    }));
    return rowOf(what, items, bar);
  };
  const losses = (['evalLoss', 'adam'] as const).map((of) => ({
    name: of === 'adam' ? 'in training' : 'in evaluation',
    error: relative(firstOf(ours.numbers, of), firstOf(peer.double, of) ?? NaN),
    single: relative(firstOf(peer.single, of), firstOf(peer.double, of) ?? NaN),
  }));
  const unknown = [...ours.tensors.keys()].filter((name) => !truth.tensors.has(name));
  if (unknown.length > 0) throw new Error(`Internal error: PyTorch gave no ${unknown.join(', ')}`);
  return [
    tensors('logits', 'logits/', bars.logits),
    rowOf('loss', losses, bars.loss),
    tensors('gradients', 'gradient/', bars.gradients),
    tensors('batch-norm statistics after a step', 'statistics/', bars.statistics),
    tensors('weights after a step of Adam', 'adam/', bars.weights),
    tensors('weights after a step of AdamW', 'adamw/', bars.weights),
    tensors('weights after a step of SGD', 'sgd/', bars.weights),
    curve('losses of 20 steps of SGD', 'sgd', 20, curveBars.sgd),
    curve('losses of 3 steps of Adam', 'adam', 3, curveBars.adamStart),
    curve('losses of 20 steps of Adam', 'adam', 20, curveBars.adam),
  ];
}

function firstOf(numbers: Numbers, of: 'evalLoss' | 'adam'): number | undefined {
  return of === 'adam' ? numbers.adam[0] : numbers.evalLoss;
}

function rowOf(what: string, items: readonly Item[], bar: number): Row {
  const worst = items.reduce<Item>((a, b) => (a.error >= b.error ? a : b), {
    name: 'nothing',
    error: -1,
    single: 0,
  });
  // Written so that NaN fails.
  const failures = items
    .filter(({ error, single }) => !(error <= bar || error <= leeway * single))
    .map(({ name, error }) => `${name} is off by ${error.toExponential(2)}; the bar is ${bar}`);
  if (items.length === 0) failures.push('nothing was compared');
  return {
    what,
    count: items.length,
    worst: worst.name,
    error: worst.error,
    single: Math.max(...items.map(({ single }) => single)),
    bar,
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
