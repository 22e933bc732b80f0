import { sayPlace, type Fault } from '../base/fault.ts';

/** A fault in full: where and what, then what to do. The first line names the code, so that it can be looked up. */
export function faultLines(fault: Fault): readonly string[] {
  const where = fault.place === undefined ? '' : `${sayPlace(fault.place)}: `;
  const also = fault.also === undefined ? [] : [`  also at ${sayPlace(fault.also)}`];
  const hint = fault.hint === undefined ? [] : [`  hint: ${fault.hint}`];
  const [first = '', ...rest] = fault.message.split('\n');
  return [`${fault.code}: ${where}${first}`, ...rest.map((line) => `  ${line}`), ...also, ...hint];
}
