import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { readModelJson } from '../../../nn/weights/model-folder.ts';
import { writeModel } from '../../stages/package/model.ts';

const dir = mkdtempSync(join(tmpdir(), 'ers-model-folder-'));
const path = join(dir, 'model.json');
let text = '';
beforeAll(async () => {
  await prepareRandom();
  await writeModel(dir);
  text = readFileSync(path, 'utf8');
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each([
  [{ mean: [0, 0] }, '/normalisation holds 2 means and 3 deviations for 3 bands'],
  [{ std: [0.2, 0, 0.2] }, '/normalisation/std/1 must be > 0'],
])('a normalisation with %o is refused', async (change, why) => {
  const model = JSON.parse(text) as { readonly normalisation: object };
  const changed = { ...model, normalisation: { ...model.normalisation, ...change } };
  writeFileSync(path, JSON.stringify(changed));
  expect(await readModelJson(dir)).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_WEIGHTS',
        message: `The model's description cannot be used: ${why}.`,
        place: { file: path },
      },
    ],
  });
});
