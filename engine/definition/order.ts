import type { Fault } from '../../base/fault.ts';
import type { Stage, StageName } from './types.ts';

/**
 * Topological order of the stages, ties in the order of the file (Kahn 1962). Stages that depend on each other in a
 * circle are a fault each circle, with its whole chain.
 */
export function order(stages: ReadonlyMap<StageName, Stage>, faults: Fault[]): readonly StageName[] {
  const waiting = new Set(stages.keys());
  const sorted: StageName[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].find((name) => makersOf(stages, name).every((maker) => !waiting.has(maker)));
    if (ready === undefined) {
      const circle = findCircle(stages, waiting);
      faults.push(tell(stages, circle));
      for (const name of circle) waiting.delete(name);
      continue;
    }
    waiting.delete(ready);
    sorted.push(ready);
  }
  return sorted;
}

function makersOf(stages: ReadonlyMap<StageName, Stage>, name: StageName): readonly StageName[] {
  const deps = Object.values(stages.get(name)?.deps ?? {});
  return deps.flatMap((dep) => (dep.type === 'out' && stages.has(dep.stage) ? [dep.stage] : []));
}

/** Every stage that waits has a maker that waits: following these must come back. */
function findCircle(
  stages: ReadonlyMap<StageName, Stage>,
  waiting: ReadonlySet<StageName>,
): readonly StageName[] {
  const trail: StageName[] = [];
  let [name] = waiting;
  while (name !== undefined && !trail.includes(name)) {
    trail.push(name);
    name = makersOf(stages, name).find((maker) => waiting.has(maker));
  }
  if (name === undefined) throw new Error('Internal error: a stage waits for nothing');
  return trail.slice(trail.indexOf(name));
}

function tell(stages: ReadonlyMap<StageName, Stage>, circle: readonly StageName[]): Fault {
  const [first] = circle;
  if (first === undefined) throw new Error('Internal error: an empty circle');
  const into = (user: StageName, maker: StageName) =>
    Object.values(stages.get(user)?.deps ?? {}).find((dep) => dep.type === 'out' && dep.stage === maker)
      ?.place;
  const place = into(first, circle[1] ?? first);
  const last = circle.at(-1) ?? first;
  const also = last === first ? undefined : into(last, first);
  return {
    code: 'ERS_CYCLE',
    message: `Stages wait for each other in a circle: ${[...circle, first].join(' → ')} (→ reads from).`,
    ...(place === undefined ? {} : { place }),
    ...(also === undefined ? {} : { also }),
    hint: 'Remove one of these deps.',
  };
}
