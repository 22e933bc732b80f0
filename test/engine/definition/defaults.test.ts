import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyInputs, keyOf } from '../../../engine/key/key.ts';
import { Fixture } from './fixture.ts';

const fixture = new Fixture({
  'stages/chart/definition.ts': `
import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
const inner = { left: 1, right: 2 };
export const definition = defineStage({
  name: 'chart',
  does: 'draws',
  params: Type.Object({
    axes: Type.Object({
      margin: Type.Object({ left: Type.Integer({ default: 1 }), right: Type.Integer({ default: 2 }) }, { default: inner }),
      log: Type.Boolean({ default: false }),
    }),
    look: Type.Object({
      width: Type.Integer({ minimum: 1, default: 8 }),
      font: Type.Optional(Type.Union([Type.Null(), Type.String()], { default: null })),
    }),
    title: Type.Object({ text: Type.String(), size: Type.Integer({ default: 12 }) }),
  }),
  deps: { table: 'required', font: 'optional' },
  outs: { picture: 'file' },
});`,
  'stages/chart/run.ts': 'export const run = 3;',
});
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

const pipeline = `config: config.yaml
stages:
  chart:
    uses: chart
    deps: { table: table.csv, font: '\${look.font}' }
    params: [axes, look, title]
    outs: { picture: chart.png }
`;

const chartOf = async (config: string, set: readonly string[] = []) => {
  const loaded = await fixture.load(pipeline, config, set);
  expect(loaded.faults).toEqual([]);
  const [stage] = loaded.pipeline?.stages.values() ?? [];
  if (stage === undefined) throw new Error('Internal error: no stage');
  return stage;
};

test('a group that is left out is all defaults, with the key that the stated defaults give', async () => {
  const short = await chartOf('title: { text: Loss }\n');
  const stated = await chartOf(
    'axes: { margin: { left: 1, right: 2 }, log: false }\nlook: { width: 8, font: null }\ntitle: { text: Loss, size: 12 }\n',
  );
  expect(short.params).toEqual({
    axes: { margin: { left: 1, right: 2 }, log: false },
    look: { width: 8 },
    title: { text: 'Loss', size: 12 },
  });
  const key = (stage: typeof short) => keyOf(keyInputs(stage, { deps: {}, env: {}, runtime: null }));
  expect(key(short)).toBe(key(stated));
  expect(short.deps['font']).toBeUndefined();
});

test('-S begins a group that the config leaves out', async () => {
  const stage = await chartOf('title: { text: Loss }\n', ['look.width=3', 'axes.margin.left=5']);
  expect(stage.params['look']).toEqual({ width: 3 });
  expect(stage.params['axes']).toEqual({ margin: { left: 5, right: 2 }, log: false });
  const withFont = await chartOf('title: { text: Loss }\n', ['look.font=serif.ttf']);
  expect(withFont.deps['font']).toMatchObject({ type: 'path', path: 'serif.ttf' });
  expect(withFont.params['look']).toEqual({ width: 8 });
});

test('-S gives a whole group that the config leaves out', async () => {
  const stage = await chartOf('title: { text: Loss }\n', ['look={ width: 3 }']);
  expect(stage.params['look']).toEqual({ width: 3 });
});

test('a group with a member that has no default must be stated', async () => {
  expect(await fixture.faults(pipeline, 'look: { width: 8 }\n')).toEqual([
    'ERS_SCHEMA config.yaml config.yaml has no `title`. (and pipeline.yaml:6:26) | Add `title: { text: … }` to config.yaml.',
  ]);
});

test('a misspelt group is told, not taken for defaults', async () => {
  expect(await fixture.faults(pipeline, 'title: { text: Loss }\nlok: { width: 3 }\n')).toEqual([
    'ERS_UNKNOWN_KEY config.yaml:2:1 Unknown key `lok`. | Did you mean `look`?',
  ]);
});

test('a misspelt reference stays a fault', async () => {
  expect(await fixture.faults(pipeline.replace('look.font', 'look.fnot'), 'title: { text: Loss }\n')).toEqual(
    [expect.stringMatching(/^ERS_UNKNOWN_KEY pipeline.yaml:5:\d+ The config has no key `look.fnot`./)],
  );
});

test('a misspelt -S in a group of defaults is told once', async () => {
  expect(await fixture.faults(pipeline, 'title: { text: Loss }\n', ['look.widht=3'])).toEqual([
    expect.stringMatching(/^ERS_USAGE -S look.widht=3 Unknown key `widht` in `look`\./),
  ]);
});
