import type { Fault } from '../../base/fault.ts';

/** So many faults are told of one definition. */
const maxFaults = 100;
/** A message may quote a name of any length. */
const maxLength = 400;

/** Whether there are so many faults that more would help nobody: what looks for them may stop. */
export function isPlenty(faults: readonly Fault[]): boolean {
  return faults.length > 2 * maxFaults;
}

/** As many faults as a user can read, in their order, each of a length that can be read. */
export function readableFaults(faults: readonly Fault[]): readonly Fault[] {
  const told = faults.slice(0, maxFaults).map(shortened);
  const next = faults[maxFaults];
  if (next === undefined) return told;
  const message = `There are more faults, from here on: only ${maxFaults} are told.`;
  const { code, place } = next;
  const at = place === undefined ? {} : { place };
  return [...told, { code, message, ...at, hint: 'Mend those above and run again.' }];
}

function shortened(fault: Fault): Fault {
  const { message, hint } = fault;
  return { ...fault, message: cut(message), ...(hint === undefined ? {} : { hint: cut(hint) }) };
}

function cut(text: string): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 100)} … ${text.slice(-90)}`;
}
