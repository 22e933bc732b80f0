import fc from 'fast-check';
import type { Keep } from '../../../engine/definition/types.ts';
import type { DepShape, InputPath, OutKind, Param, Shape, StageShape } from './model.ts';

/** Random pipelines of 2 to 7 stages, whose edges meet and part again; now and then two stages are the same work. */
export const shapes: fc.Arbitrary<Shape> = fc
  .record({
    stages: fc.array(
      fc.record({
        deps: fc.array(fc.record({ pick: fc.nat(999), read: mostly(true) }), {
          minLength: 1,
          maxLength: 3,
          size: 'max',
        }),
        outs: fc.array(fc.constantFrom<OutKind>('file', 'folder', 'metrics'), {
          minLength: 1,
          maxLength: 2,
          size: 'max',
        }),
        param: fc.constantFrom<Param | undefined>('p', 'q', undefined),
        twin: fc.nat(7).map((die) => die === 0),
        saysParam: mostly(true),
        env: mostly(false),
        blunt: mostly(false),
        fails: fc.nat(7).map((die) => die === 0),
        always: fc.nat(9).map((die) => die === 0),
        counts: fc.nat(7).map((die) => die === 0),
        keep: fc.constantFrom<Keep | null>(null, null, null, 'all', 'last', 'none'),
      }),
      { minLength: 2, maxLength: 7, size: 'max' },
    ),
    targets: fc.array(fc.nat(99), { minLength: 1, maxLength: 2 }),
    shared: mostly(false),
  })
  .map(({ stages, targets, shared }) => {
    const whole: StageShape[] = [];
    for (const [at, { deps, twin, counts, ...stage }] of stages.entries()) {
      const before = whole.at(-1);
      const series = counts ? at : undefined;
      const own = {
        ...stage,
        series,
        deps: deps.map(({ pick, read }) => ({ ...pickDep(whole, pick), read })),
      };
      // Where each of two twins makes other bytes, the newest result of their key is only one's.
      whole.push(twin && before !== undefined && before.series === undefined ? before : own);
    }
    const ends = targets.map((target) => whole.length - 1 - (target % whole.length));
    return { stages: whole, targets: [...new Set(ends)], shared };
  });

function mostly(value: boolean): fc.Arbitrary<boolean> {
  return fc.oneof(
    { arbitrary: fc.constant(value), weight: 3 },
    { arbitrary: fc.constant(!value), weight: 1 },
  );
}

const inputs: readonly InputPath[] = ['a.txt', 'b.txt', 'dir', 'dir/sub'];

/** The inputs, then all outs of the stages so far and what lies in them, the newest first. */
function pickDep(above: readonly StageShape[], pick: number): WithoutRead {
  const outs = above.flatMap(({ outs: kinds }, stage) =>
    kinds.flatMap((kind, out): WithoutRead[] => {
      const edge = (sub: '' | 'a' | 'sub' | 'sub/c'): WithoutRead => ({ type: 'out', stage, out, sub });
      if (kind !== 'folder') return [edge('')];
      // What may be missing is asked for rarely: then nothing runs.
      return [...(pick % 5 === 0 ? [edge('sub/c')] : []), edge('sub'), edge('a'), edge('')];
    }),
  );
  const members = above.map((_, stage) => ({ stage, out: 0 })).slice(-3);
  if (members.length > 1 && pick % 9 === 0) return { type: 'members', outs: members };
  const options = [...inputs.map((path): WithoutRead => ({ type: 'input', path })), ...outs.reverse()];
  // Three of four edges lead to a stage, if there is one.
  const edges = outs.length > 0 && pick % 4 > 0 ? options.slice(inputs.length) : options;
  const chosen = edges[Math.floor(pick / 4) % edges.length];
  if (chosen === undefined) throw new Error('there is always an input');
  return chosen;
}

type WithoutRead = DepShape extends infer Dep ? (Dep extends unknown ? Omit<Dep, 'read'> : never) : never;
