import { afterAll, beforeAll, expect, test } from 'vitest';
import { edit, Fixture, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

const plot = '    outs: { plot: plot.png }';
const long = 'p'.repeat(201);

test.each(['ERS_CHECKPOINT', 'ERS_P1', 'TMPDIR', 'CUDA_VISIBLE_DEVICES'])(
  'env may not name %s, which is the engine’s',
  async (name) => {
    const faults = await fixture.faults(edit(goodPipeline, plot, `${plot}\n    env: [${name}]`));
    expect(faults).toEqual([expect.stringMatching(/^ERS_SCHEMA pipeline\.yaml:19:11 /)]);
  },
);

test('env may name PATH and what begins like a reserved name', async () => {
  expect(await fixture.faults(edit(goodPipeline, plot, `${plot}\n    env: [PATH, ERSATZ, TMPDIRS]`))).toEqual(
    [],
  );
});

test('an out whose name no disk could hold is a fault', async () => {
  expect(await fixture.faults(edit(goodPipeline, 'plot: plot.png', `plot: a/${long}`))).toEqual([
    'ERS_OUT_PATH pipeline.yaml:18:19 The out has a name of more than 200 bytes. | Shorten it.',
  ]);
});

test('a stage whose name is too long for a file is a fault', async () => {
  const pipeline = goodPipeline.replaceAll(/^ {2}plot:|default: \[plot\]/gm, (text) =>
    text.replace('plot', long),
  );
  expect(await fixture.faults(pipeline)).toEqual([expect.stringMatching(/^ERS_SCHEMA pipeline\.yaml:14:3 /)]);
});
