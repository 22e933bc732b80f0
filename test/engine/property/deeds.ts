import fc from 'fast-check';
import { crashPoints } from '../../../base/crash-point.ts';
import type { Param } from './model.ts';

/** What may happen between two looks at a project. Numbers are taken modulo what there is to choose from. */
export type Deed =
  | { readonly do: 'write'; readonly file: number; readonly line: string }
  /** Same size, mtime put back. */
  | { readonly do: 'write-unseen'; readonly file: number; readonly line: string }
  | { readonly do: 'remove'; readonly file: number }
  | { readonly do: 'rename'; readonly file: number; readonly to: number }
  | { readonly do: 'touch'; readonly file: number }
  | { readonly do: 'param'; readonly key: 'p' | 'q'; readonly value: string }
  | { readonly do: 'mode'; readonly value: string | undefined }
  | { readonly do: 'code'; readonly stage: number; readonly code: number }
  | { readonly do: 'out-name'; readonly stage: number; readonly name: number }
  /** `frozen` put at a stage that has a result, or taken away. */
  | { readonly do: 'freeze'; readonly stage: number; readonly frozen: boolean }
  | { readonly do: 'delete-link'; readonly stage: number }
  /** Something of the user's own instead of an out in `artifacts/`. */
  | { readonly do: 'occupy'; readonly stage: number; readonly out: number }
  | { readonly do: 'pin'; readonly stage: number; readonly pinned: boolean }
  | StoreDeed
  | RunDeed;

/** What happens to the store. */
export type StoreDeed =
  | { readonly do: 'delete-tree'; readonly tree: number; readonly manifest: boolean }
  /** `flip`: same size, mtime put back. */
  | {
      readonly do: 'damage-tree';
      readonly tree: number;
      readonly how: 'byte' | 'flip' | 'file-gone' | 'file-more';
    }
  | { readonly do: 'delete-records'; readonly key: number }
  /** `killedAt`: first one is killed there. */
  | { readonly do: 'gc'; readonly killedAt: string | undefined };

const storeDeeds: ReadonlySet<string> = new Set<StoreDeed['do']>([
  'delete-tree',
  'damage-tree',
  'delete-records',
  'gc',
]);

export function isOfStore(deed: Deed): deed is StoreDeed {
  return storeDeeds.has(deed.do);
}

/** A deed in the first project or in the second, where there are two. */
export interface Step {
  readonly project: 0 | 1;
  readonly deed: Deed;
}

export interface RunDeed {
  readonly do: 'run';
  readonly targets: readonly number[];
  readonly force: boolean;
  readonly only: boolean;
  readonly keepGoing: boolean;
  /** Stopped at this event of a stage; undefined = not at all. */
  readonly stopAt: number | undefined;
  /** First the engine is killed at this point, `NAME#PASSING`. */
  readonly killedAt: string | undefined;
  /** As experiments, one for each value. */
  readonly set: { readonly key: Param; readonly values: readonly string[] } | undefined;
}

/** Files that inputs are made of. */
export const files: readonly string[] = [
  'a.txt',
  'b.txt',
  'dir/x',
  'dir/y',
  'dir/z',
  'dir/sub/x',
  'dir/sub/y',
];

const file = fc.nat(files.length - 1);
const inFolder = fc.integer({ min: 2, max: files.length - 1 });
const line = fc.constantFrom('0', '0', '1', '1', '2', '2', '3');
const stage = fc.nat(6);
const tree = fc.nat(999);
const version = fc.constantFrom(0, 1);

// Not every run passes each of them so often; then it comes to its end.
const killing = fc
  .tuple(fc.constantFrom(...crashPoints), fc.integer({ min: 1, max: 4 }))
  .map(([point, passing]) => `${point}#${passing}`);

const run: fc.Arbitrary<RunDeed> = fc.record({
  do: fc.constant('run'),
  targets: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    { arbitrary: fc.array(stage, { minLength: 1, maxLength: 2 }), weight: 2 },
  ),
  force: rarely(),
  only: rarely(),
  keepGoing: fc.boolean(),
  stopAt: fc.oneof({ arbitrary: fc.constant(undefined), weight: 7 }, { arbitrary: fc.nat(5), weight: 1 }),
  killedAt: fc.oneof({ arbitrary: fc.constant(undefined), weight: 11 }, { arbitrary: killing, weight: 1 }),
  set: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 7 },
    {
      arbitrary: fc.record({
        key: fc.constantFrom<Param>('p', 'q'),
        values: fc.uniqueArray(fc.constantFrom('0', '1', '2'), { minLength: 1, maxLength: 2, size: 'max' }),
      }),
      weight: 1,
    },
  ),
});

function rarely(): fc.Arbitrary<boolean> {
  return fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, { arbitrary: fc.constant(true), weight: 1 });
}

const killingGc = fc.constantFrom(
  ...crashPoints.slice(crashPoints.indexOf('trash:written')).map((point) => `${point}#1`),
);

const param = fc.record({
  do: fc.constant('param'),
  key: fc.constantFrom('p', 'q'),
  value: fc.constantFrom('0', '1', '2'),
});

// Twice as often as it is taken away: it does nothing at a stage that has no result.
const freeze = fc.record({ do: fc.constant('freeze'), stage, frozen: fc.constantFrom(true, true, false) });

const change = fc.oneof<fc.Arbitrary<Deed>[]>(
  fc.record({ do: fc.constant('write'), file, line }),
  fc.record({ do: fc.constant('write-unseen'), file, line }),
  fc.record({ do: fc.constant('remove'), file: inFolder }),
  fc.record({ do: fc.constant('rename'), file: inFolder, to: inFolder }),
  // Now and then an input that is a file of its own goes.
  fc.record({ do: fc.constant('rename'), file, to: file }),
  fc.record({ do: fc.constant('touch'), file }),
  param,
  param,
  fc.record({ do: fc.constant('mode'), value: fc.constantFrom(undefined, '', '1', '2') }),
  fc.record({ do: fc.constant('code'), stage, code: version }),
  fc.record({ do: fc.constant('out-name'), stage, name: version }),
  freeze,
  freeze,
  fc.record({ do: fc.constant('delete-link'), stage }),
  fc.record({ do: fc.constant('delete-tree'), tree, manifest: rarely() }),
  fc.record({ do: fc.constant('delete-tree'), tree, manifest: fc.constant(false) }),
  fc.record({
    do: fc.constant('damage-tree'),
    tree,
    how: fc.constantFrom('byte', 'flip', 'file-gone', 'file-more'),
  }),
  fc.record({ do: fc.constant('delete-records'), key: tree }),
  fc.record({ do: fc.constant('occupy'), stage, out: version }),
  fc.record({ do: fc.constant('pin'), stage, pinned: fc.constantFrom(true, true, false) }),
  fc.record({
    do: fc.constant('gc'),
    killedAt: fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: killingGc, weight: 1 }),
  }),
);

const project = fc.oneof(
  { arbitrary: fc.constant(0 as const), weight: 2 },
  { arbitrary: fc.constant(1 as const), weight: 1 },
);

/** Histories: runs, with a few changes before each. */
export const histories: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.tuple(project, fc.array(change, { maxLength: 4, size: 'max' }), run), {
    minLength: 2,
    maxLength: 8,
    size: 'max',
  })
  .map((parts) =>
    parts.flatMap(([by, changes, last]) => [...changes, last].map((deed): Step => ({ project: by, deed }))),
  );
