import type { Fault, FaultCode } from '../../base/fault.ts';

/** Faults of one kind that are shown, and of all kinds together. */
const shownOfKind = 5;
const shownOfAll = 20;

interface Turn {
  readonly fault: Fault;
  readonly at: number;
  /** How many of its kind came before it. */
  readonly turn: number;
}

/**
 * The faults of a dataset for a screen: the first five of a kind, then in how many more files it is the same; of more
 * kinds than fit, twenty, each kind before a second of another. A hundred missing masks must not hide the one damaged file.
 */
export function gather(faults: readonly Fault[]): readonly Fault[] {
  const kinds = new Map<string, Turn[]>();
  for (const [at, fault] of faults.entries()) {
    const kind = kinds.get(kindOf(fault)) ?? [];
    kind.push({ fault, at, turn: kind.length });
    kinds.set(kindOf(fault), kind);
  }
  const candidates = [...kinds.values()].flatMap((kind) => kind.slice(0, roomOf(kind)));
  const shown = new Set(candidates.sort((a, b) => a.turn - b.turn || a.at - b.at).slice(0, shownOfAll));
  const whole = [...kinds.values()].map((kind) => ({
    shown: kind.filter((turn) => shown.has(turn)),
    rest: kind.filter((turn) => !shown.has(turn)),
  }));
  const lines = whole.flatMap((kind) => {
    const last = kind.shown.at(-1);
    const own = kind.shown.map(({ fault, at }) => ({ fault, at }));
    return last === undefined || kind.rest.length === 0
      ? own
      : [...own, { fault: saySame(kind.rest), at: last.at + 0.5 }];
  });
  const hidden = whole.filter((kind) => kind.shown.length === 0).flatMap(({ rest }) => rest);
  return [
    ...lines.sort((a, b) => a.at - b.at).map(({ fault }) => fault),
    ...(hidden.length === 0 ? [] : [sayHidden(hidden)]),
  ];
}

/** Faults of one code and one remedy are of one kind: the hint names the value that no class has, and the like. */
function kindOf({ code, hint = '' }: Fault): string {
  return `${code} ${hint}`;
}

/** Five and a line on one more would take as much room as six. */
function roomOf(kind: readonly Turn[]): number {
  return kind.length === shownOfKind + 1 ? kind.length : shownOfKind;
}

function saySame(rest: readonly Turn[]): Fault {
  const [first] = rest;
  if (first === undefined) throw new Error('Internal error: nothing is left over');
  const { code, place } = first.fault;
  const files = new Set(rest.map(({ fault }) => fault.place?.file)).size;
  const from = place === undefined ? '' : ` (first ${place.file})`;
  return { code, message: `And the same in ${files} more ${files === 1 ? 'file' : 'files'}${from}.` };
}

function sayHidden(hidden: readonly Turn[]): Fault {
  const counts = new Map<FaultCode, number>();
  for (const { fault } of hidden) counts.set(fault.code, (counts.get(fault.code) ?? 0) + 1);
  const [code] = counts.keys();
  if (code === undefined) throw new Error('Internal error: nothing is left over');
  const left = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  return {
    code,
    message: `${hidden.length} more ${hidden.length === 1 ? 'fault is' : 'faults are'} not shown: ${left}.`,
    hint: 'Mend the ones above and run again.',
  };
}
