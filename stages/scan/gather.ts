import type { Fault, FaultCode } from '../../base/fault.ts';

const SHOWN = 20;

/** All faults of a dataset, or the first twenty and a count of the others by code. */
export function gather(faults: readonly Fault[]): readonly Fault[] {
  const rest = faults.slice(SHOWN);
  const [first] = rest;
  if (first === undefined) return faults;
  const counts = new Map<FaultCode, number>();
  for (const { code } of rest) counts.set(code, (counts.get(code) ?? 0) + 1);
  const list = [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
  return [
    ...faults.slice(0, SHOWN),
    {
      code: first.code,
      message: `${rest.length} more ${rest.length === 1 ? 'fault is' : 'faults are'} not shown: ${list}.`,
      hint: 'Mend the ones above and run again.',
    },
  ];
}
