import type { Fault, FaultCode } from '../../base/fault.ts';

const SHOWN = 20;

/**
 * All faults of a dataset, or twenty of them and a count of the others by code. Every code gets its turn before one gets
 * a second: a hundred missing masks must not hide the one damaged file.
 */
export function gather(faults: readonly Fault[]): readonly Fault[] {
  if (faults.length <= SHOWN) return faults;
  const counts = new Map<FaultCode, number>();
  const turns = faults.map((fault, at) => {
    const turn = counts.get(fault.code) ?? 0;
    counts.set(fault.code, turn + 1);
    return { fault, at, turn };
  });
  const fair = turns.toSorted((a, b) => a.turn - b.turn || a.at - b.at);
  const shown = fair.slice(0, SHOWN).sort((a, b) => a.at - b.at);
  const rest = fair.slice(SHOWN).sort((a, b) => a.at - b.at);
  const [first] = rest;
  if (first === undefined) throw new Error('Internal error: nothing is left over');
  const left = [...counts.keys()].flatMap((code) => {
    const count = rest.filter(({ fault }) => fault.code === code).length;
    return count === 0 ? [] : [`${count} ${code}`];
  });
  return [
    ...shown.map(({ fault }) => fault),
    {
      code: first.fault.code,
      message: `${rest.length} more ${rest.length === 1 ? 'fault is' : 'faults are'} not shown: ${left.join(', ')}.`,
      hint: 'Mend the ones above and run again.',
    },
  ];
}
