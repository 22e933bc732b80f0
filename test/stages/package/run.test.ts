import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { prepareRandom, randomAt } from '../../../base/random.ts';
import { openPredictor } from '../../../nn/predict.ts';
import { readModelFolder } from '../../../nn/weights/model-folder.ts';
import { attributeType, dataType } from '../../../runtime/binding.ts';
import { loadTensorFlow } from '../../../runtime/load.ts';
import { definition } from '../../../stages/package/definition.ts';
import { run } from '../../../stages/package/run.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { stageContext } from '../context.ts';
import { writeModel } from './model.ts';

const table = [
  { value: 200, name: 'sea', colour: '#2f6fa8' },
  { value: 9, name: 'cloud', colour: '#ffffff', ignore: true },
  { value: 40, name: 'land', colour: '#b79f78' },
];

let folder: string;
let runtime: string;
beforeAll(async () => {
  await prepareRandom();
  runtime = await runtimeForTests();
  folder = mkdtempSync(join(tmpdir(), 'ers-package-'));
}, installLimit);
afterAll(() => rmSync(folder, { recursive: true }));
// What the build puts in.
beforeEach(() => void vi.stubGlobal('ERS_VERSION', '9.8.7'));

async function packaged(model: string, rows = table) {
  const trial = stageContext({ definition, params: { classes: rows }, deps: { model } });
  const result = await run(trial.context);
  return { trial, result, dir: trial.outs['model'] ?? '' };
}

/** The outputs of the model's signature for n images, as TensorFlow's own C loader gives them. */
function served(dir: string, shape: readonly number[], images: Uint8Array) {
  const tensorFlow = loadTensorFlow(runtime);
  const model = tensorFlow.loadModel(join(dir, 'saved_model'));
  const input = tensorFlow.feed(shape, { dtype: 'uint8', values: images });
  const names = ['logits:0', 'probabilities:0', 'classes:0'];
  const found = tensorFlow.runModel(model, [{ name: 'images:0', tensor: input }], names);
  const [logits, probabilities, values] = found;
  if (logits === undefined || probabilities === undefined || values === undefined)
    throw new Error('no outputs');
  const cast = [
    { name: 'SrcT', type: attributeType.type, value: dataType.uint8 },
    { name: 'DstT', type: attributeType.type, value: dataType.int32 },
    { name: 'Truncate', type: attributeType.bool, value: false },
  ] as const;
  const [readable] = tensorFlow.execute('Cast', cast, [values.id], 1);
  if (readable === undefined) throw new Error('no cast');
  const read = {
    shapes: found.map((each) => each.shape),
    logits: tensorFlow.read(logits.id) as Float32Array,
    probabilities: tensorFlow.read(probabilities.id) as Float32Array,
    values: tensorFlow.read(readable.id) as Int32Array,
  };
  tensorFlow.free(input, readable.id, ...found.map(({ id }) => id));
  tensorFlow.freeModel(model);
  return read;
}

test.each([
  ['resnet18', 3],
  ['resnet18', 4],
] as const)(
  'the SavedModel of a %s for %i channels says what evaluate says, for any number of images',
  async (encoder, channels) => {
    const model = join(folder, `${encoder}-${channels}`);
    const { height, width } = await writeModel(model, { encoder, channels });
    const { trial, result, dir } = await packaged(model);
    expect(result).toEqual({ ok: true, value: { status: 'done' } });
    const predictor = await openPredictor({ modelDir: model, runtimeDir: runtime, batch: 3 });
    const random = randomAt('test-package', channels);
    for (const n of [1, 3]) {
      const images = Uint8Array.from({ length: n * height * width * channels }, () => random.integer(0, 255));
      const expected = predictor.predict(images, n);
      const { shapes, logits, probabilities, values } = served(dir, [n, height, width, channels], images);
      expect(shapes).toEqual([
        [n, height, width, 2],
        [n, height, width, 2],
        [n, height, width],
      ]);
      expect(new Set(values).size).toBe(2);
      // By train index: 200 is 0 and 40 is 1.
      expect([...values]).toEqual([...expected].map((index) => [200, 40][index]));
      for (let pixel = 0; pixel < values.length; pixel += 97) {
        const [a, b] = [logits[2 * pixel] ?? NaN, logits[2 * pixel + 1] ?? NaN];
        expect(probabilities[2 * pixel]).toBeCloseTo(1 / (1 + Math.exp(b - a)), 5);
      }
    }
    predictor.close();
    trial.remove();
  },
);

test('model.json names all that is needed to use it, the weights are the very file, and the bytes are the same each time', async () => {
  const model = join(folder, 'resnet18-3');
  const first = await packaged(model);
  const second = await packaged(model);
  expect(readdirSync(first.dir).sort()).toEqual(['model.json', 'model.safetensors', 'saved_model']);
  const file = (dir: string, ...names: readonly string[]) => readFileSync(join(dir, ...names));
  for (const name of ['model.json', 'model.safetensors', 'saved_model/saved_model.pb']) {
    expect(file(first.dir, name).equals(file(second.dir, name)), name).toBe(true);
  }
  expect(file(first.dir, 'model.safetensors').equals(file(model, 'model.safetensors'))).toBe(true);
  const described = JSON.parse(file(first.dir, 'model.json').toString()) as unknown;
  expect(described).toEqual({
    ...(JSON.parse(file(model, 'model.json').toString()) as object),
    ers: '9.8.7',
    classes: [
      { value: 9, train: null, name: 'cloud', colour: '#ffffff' },
      { value: 40, train: 1, name: 'land', colour: '#b79f78' },
      { value: 200, train: 0, name: 'sea', colour: '#2f6fa8' },
    ],
  });
  // What was packaged can be evaluated and packaged again.
  expect((await readModelFolder(first.dir)).ok).toBe(true);
  first.trial.remove();
  second.trial.remove();
});

test('a class that the table lacks is named', async () => {
  const model = join(folder, 'resnet18-3');
  const { trial, result } = await packaged(model, table.slice(0, 2));
  expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_CLASS_TABLE' }] });
  expect(readdirSync(trial.outs['model'] ?? '')).toEqual([]);
  trial.remove();
});

test('a model.json of another version is told as such', async () => {
  const model = join(folder, 'newer');
  cpSync(join(folder, 'resnet18-3'), model, { recursive: true });
  const path = join(model, 'model.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"version": 1', '"version": 2'));
  const { trial, result } = await packaged(model);
  expect(result).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_WEIGHTS',
        message: "The model's description cannot be used: it is of version 2, and this ers reads version 1.",
        place: { file: path },
      },
    ],
  });
  trial.remove();
});
