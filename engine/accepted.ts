import type { Json } from '../base/canonical.ts';
import type { StageRecord } from '../cache/types.ts';

/** A result that the user kept by `ers accept` although what it was made of changed. */
export type Accepted = {
  /** Key of the result that was kept. */
  readonly from: string;
  /** What had changed, a phrase each. */
  readonly reasons: readonly string[];
  /** ISO time, UTC. */
  readonly when: string;
};

/** How a record came to be, if it was not by running its stage. */
export function acceptedOf({ made }: StageRecord): Accepted | undefined {
  const accepted: Json | undefined = made['accepted'];
  if (typeof accepted !== 'object' || accepted === null || Array.isArray(accepted)) return undefined;
  const { from, reasons, when } = accepted as Readonly<Record<string, Json>>;
  if (typeof from !== 'string' || typeof when !== 'string' || !Array.isArray(reasons)) return undefined;
  return { from, when, reasons: reasons.filter((reason) => typeof reason === 'string') };
}
