import type { StageRun } from '../../engine/stage.ts';
import { defineStage, Type } from '../../engine/user-stage/api.ts';
import type { definition as split } from '../../stages/split/definition.ts';

/** Not run: `npm run types` fails where one of these lines compiles that must not, or the other way. */

export const right = defineStage({
  does: 'shows what is typed',
  params: Type.Object({
    mine: Type.Object({
      seed: Type.Integer(),
      mode: Type.Union([Type.Literal('fast'), Type.Literal('exact')]),
    }),
  }),
  deps: { scene: 'required', mask: 'optional' },
  outs: { table: 'file', pictures: 'folder' },
  missing: { scene: 'Fetch it first.' },
  async run({ params, deps, outs, emit, signal }) {
    const seed: number = params.mine.seed;
    const mode: 'fast' | 'exact' = params.mine.mode;
    const scene: string = deps.scene;
    const mask: string | undefined = deps.mask;
    const paths: readonly string[] = [outs.table, outs.pictures];
    emit({ type: 'note', level: 'info', text: `${seed} ${mode} ${scene} ${mask ?? ''} ${paths.join()}` });
    await Promise.resolve();
    return signal.aborted ? { status: 'stopped' } : undefined;
  },
});

export const wrongNames = defineStage({
  does: 'names what is not declared',
  params: Type.Object({ mine: Type.Object({ seed: Type.Integer() }) }),
  deps: { scene: 'required', mask: 'optional' },
  outs: { table: 'file' },
  run({ params, deps, outs, emit }) {
    // @ts-expect-error the schema has no such member
    emit({ type: 'note', level: 'info', text: String(params.mine.sede) });
    // @ts-expect-error the config has no such group
    emit({ type: 'note', level: 'info', text: String(params.other) });
    // @ts-expect-error seed is a number
    const seed: string = params.mine.seed;
    // @ts-expect-error no such input
    const scene = String(deps.scenes);
    // @ts-expect-error an optional input may be absent
    const mask: string = deps.mask;
    // @ts-expect-error no such out
    const table = String(outs.tabel);
    // @ts-expect-error no such event
    emit({ type: 'remark', text: `${seed}${scene}${mask}${table}` });
    return undefined;
  },
});

export const nothing = defineStage({
  does: 'declares neither params nor inputs',
  outs: { table: 'file' },
  run({ params, deps, outs }) {
    // @ts-expect-error it has no params
    const seed: unknown = params.seed;
    // @ts-expect-error it has no inputs
    const scene: unknown = deps.scene;
    throw new Error(`${String(seed)}${String(scene)}${outs.table}`);
  },
});

export const wrongWords = defineStage({
  does: 'a word that does not exist',
  // @ts-expect-error required or optional
  deps: { scene: 'needed' },
  outs: { table: 'file' },
  run: () => undefined,
});

export const wrongOut = defineStage({
  does: 'a kind that does not exist',
  // @ts-expect-error file or folder
  outs: { table: 'tree' },
  run: () => undefined,
});

// @ts-expect-error a stage makes something: outs are missing
export const noOuts = defineStage({ does: 'nothing', run: () => undefined });

export const rubbish = defineStage({
  does: 'returns rubbish',
  outs: { table: 'file' },
  // @ts-expect-error nothing, or a status
  run: () => 42,
});

export const aboutNoInput = defineStage({
  does: 'speaks of an input that it does not have',
  deps: { scene: 'required' },
  // @ts-expect-error no such input
  missing: { scenes: 'Fetch it.' },
  outs: { table: 'file' },
  run: () => undefined,
});

/** A schema written by hand types nothing, but is one. */
export const plain = defineStage({
  does: 'reads a plain schema',
  params: { type: 'object', properties: { mine: { type: 'object' } } },
  outs: { table: 'file' },
  run({ params }) {
    // @ts-expect-error any JSON value
    const mine: { readonly seed: number } = params['mine'];
    throw new Error(String(mine.seed));
  },
});

/** The built-in stages have the same context. */
export const builtIn: StageRun<typeof split> = ({ deps, outs, params }) => {
  const catalog: string = deps.catalog;
  const paths: readonly string[] = [outs.train, outs.val, outs.test, outs.manifest, catalog];
  // @ts-expect-error no such input
  const dataset = String(deps.dataset);
  // @ts-expect-error no such out
  const report = String(outs.report);
  throw new Error(`${paths.join()}${dataset}${report}${params.split.seed}`);
};
