import type { Random } from '../../base/random.ts';
import type { Transform } from './transform.ts';

/** Chooses one member with its `p` as weight. Undefined when all weights are 0. */
export function chooseOne(members: readonly Transform[], random: Random): Transform | undefined {
  const total = members.reduce((sum, member) => sum + member.p, 0);
  let left = random.next() * total;
  for (const member of members) {
    if (left < member.p) return member;
    left -= member.p;
  }
  // Reached through rounding of the sum alone: the draw belongs to the last member that has any weight.
  return members.findLast((member) => member.p > 0);
}
