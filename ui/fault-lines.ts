import { placeBefore, sayPlace, type Fault } from '../base/fault.ts';
import { printable } from './printable.ts';

/** A fault in full: where, what, its code, then what to do; the shape of `engine/definition/show-fault.ts` without the excerpt. */
export function faultLines(fault: Fault): readonly string[] {
  const where = placeBefore(fault);
  const also = fault.also === undefined ? [] : [`  and ${sayPlace(fault.also)}`];
  const hint = fault.hint === undefined ? [] : fault.hint.split('\n').map((line) => `  ${line}`);
  const [first = '', ...rest] = fault.message.split('\n');
  return [`${where}${first} [${fault.code}]`, ...rest.map((line) => `  ${line}`), ...also, ...hint].map(
    printable,
  );
}
