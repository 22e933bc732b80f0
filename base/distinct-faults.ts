import { canonical } from './canonical.ts';
import type { Fault } from './fault.ts';

/** Each fault once: two stages that read one missing folder have met the same one. The last of equals is kept. */
export function distinctFaults(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [faultId(fault), fault])).values()];
}

/** Equal for faults of the same code, message and place. */
export function faultId({ code, message, place }: Fault): string {
  return canonical({ code, message, place: { ...place } });
}
