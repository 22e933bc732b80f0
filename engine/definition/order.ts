import type { Fault } from '../../base/fault.ts';
import type { Stage, StageName } from './types.ts';

/** So many circles are told; a hostile file could hold thousands. */
const maxCircles = 20;
/** So many names of one circle. */
const maxNames = 20;

/**
 * Topological order of the stages, ties in the order of the file (Kahn 1962). Stages that depend on each other in a
 * circle are a fault each circle, with its whole chain.
 */
export function order(stages: ReadonlyMap<StageName, Stage>, faults: Fault[]): readonly StageName[] {
  const names = [...stages.keys()];
  const place = new Map(names.map((name, index) => [name, index]));
  const readers = new Map<StageName, StageName[]>(names.map((name) => [name, []]));
  const waits = new Map<StageName, number>();
  for (const name of names) {
    const makers = new Set(makersOf(stages, name));
    waits.set(name, makers.size);
    for (const maker of makers) readers.get(maker)?.push(name);
  }
  // Places in the file, the first one last.
  const ready = names.flatMap((name, index) => (waits.get(name) === 0 ? [index] : [])).reverse();
  const sorted: StageName[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const name = names[next];
    if (name === undefined) throw new Error('Internal error: a place without a stage');
    sorted.push(name);
    for (const reader of readers.get(name) ?? []) {
      const left = (waits.get(reader) ?? 0) - 1;
      waits.set(reader, left);
      if (left === 0) insert(ready, place.get(reader) ?? 0);
    }
  }
  if (sorted.length < names.length) findCircles(stages, new Set(sorted), faults);
  return sorted;
}

/** Puts a number where it belongs in a falling list. */
function insert(falling: number[], number: number): void {
  let [low, high] = [0, falling.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((falling[middle] ?? 0) > number) low = middle + 1;
    else high = middle;
  }
  falling.splice(low, 0, number);
}

function findCircles(
  stages: ReadonlyMap<StageName, Stage>,
  sorted: ReadonlySet<StageName>,
  faults: Fault[],
): void {
  const waiting = new Set([...stages.keys()].filter((name) => !sorted.has(name)));
  for (let told = 0; told < maxCircles; told += 1) {
    const circle = findCircle(stages, waiting);
    if (circle === undefined) return;
    faults.push(tell(stages, circle));
    for (const name of circle) waiting.delete(name);
  }
}

function makersOf(stages: ReadonlyMap<StageName, Stage>, name: StageName): readonly StageName[] {
  const deps = Object.values(stages.get(name)?.deps ?? {});
  return deps.flatMap((dep) => (dep.type === 'out' && stages.has(dep.stage) ? [dep.stage] : []));
}

/**
 * Follows one maker after the other among those that wait until one comes back. One that leads nowhere, because its circle
 * was told already, waits no longer.
 */
function findCircle(
  stages: ReadonlyMap<StageName, Stage>,
  waiting: Set<StageName>,
): readonly StageName[] | undefined {
  const trail: { readonly name: StageName; readonly makers: StageName[] }[] = [];
  const passed = new Set<StageName>();
  const go = (name: StageName): void => {
    passed.add(name);
    trail.push({ name, makers: [...makersOf(stages, name)].reverse() });
  };
  for (;;) {
    const [start] = waiting;
    if (start === undefined) return undefined;
    if (trail.length === 0) go(start);
    const at = trail.at(-1);
    const maker = at?.makers.pop();
    if (at === undefined) throw new Error('Internal error: a trail without an end');
    if (maker === undefined) {
      waiting.delete(at.name);
      trail.pop();
    } else if (passed.has(maker) && waiting.has(maker)) {
      const names = trail.map(({ name }) => name);
      return names.slice(names.indexOf(maker));
    } else if (waiting.has(maker)) go(maker);
  }
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
  // Members of one matrix are in one circle each: as pipeline.yaml names them it is told once.
  const written = [...circle, first].map((name) => stages.get(name)?.member?.of ?? name);
  const names =
    written.length <= maxNames ? written : [...written.slice(0, maxNames), '…', ...written.slice(-1)];
  return {
    code: 'ERS_CYCLE',
    message: `Stages wait for each other in a circle: ${names.join(' → ')} (→ reads from).`,
    ...(place === undefined ? {} : { place }),
    ...(also === undefined ? {} : { also }),
    hint: 'Remove one of these deps.',
  };
}
