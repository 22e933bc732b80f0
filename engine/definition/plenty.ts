import { oneLine } from '../../base/one-line.ts';
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
  const { message, hint, place, also } = fault;
  return {
    ...fault,
    message: readable(message),
    ...(hint === undefined ? {} : { hint: readable(hint) }),
    ...(place === undefined ? {} : { place: { ...place, file: readable(place.file) } }),
    ...(also === undefined ? {} : { also: { ...also, file: readable(also.file) } }),
  };
}

/** One line of text, a long one without its middle. */
function readable(text: string): string {
  const line = oneLine(text);
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 100)} … ${line.slice(-90)}`;
}
