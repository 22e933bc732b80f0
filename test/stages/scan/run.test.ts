import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePng } from '../../../imaging/encode.ts';
import { readCatalog, type Catalog } from '../../../stages/scan/catalog.ts';
import { params, scan, type ScanParams, type ScanTrial } from './fixture.ts';

let dataset = '';
const opened: ScanTrial[] = [];
beforeEach(() => {
  dataset = mkdtempSync(join(tmpdir(), 'ers-dataset-'));
});
afterEach(() => {
  opened.splice(0).forEach((trial) => trial.remove());
  rmSync(dataset, { recursive: true, force: true });
});

async function scanned(changes: Partial<ScanParams> = {}, cores = 2): Promise<ScanTrial> {
  const trial = await scan(dataset, changes, cores);
  opened.push(trial);
  // A refused dataset leaves no out behind.
  if (trial.faults.length > 0) expect(readdirSync(join(trial.folder, 'outs'))).toEqual([]);
  return trial;
}

function put(path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(dataset, path)), { recursive: true });
  writeFileSync(join(dataset, path), bytes);
}

async function mask(path: string, rows: readonly (readonly number[])[]): Promise<void> {
  const pixels = Uint8Array.from(rows.flat());
  put(path, await encodePng({ width: rows[0]?.length ?? 0, height: rows.length, channels: 1, pixels }));
}

async function image(path: string, width = 3, height = 2): Promise<void> {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7) % 256);
  put(path, await encodePng({ width, height, channels: 3, pixels }));
}

/** A place of two months with a mask of 3×2. */
async function place(
  name: string,
  rows = [
    [0, 0, 1],
    [1, 1, 1],
  ],
): Promise<void> {
  await mask(`annotations/${name}_mask.png`, rows);
  await image(`images/${name}_6.png`);
  await image(`images/${name}_7.png`);
}

describe('a good dataset', () => {
  test('is listed with images, sizes, histograms and class groups', async () => {
    await place('wood_end');
    await place('pond', [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const trial = await scanned();
    expect(trial.faults).toEqual([]);
    const catalog = JSON.parse(readFileSync(trial.outs['catalog'] ?? '', 'utf8')) as Catalog;
    expect(catalog).toEqual({
      version: 1,
      classes: [
        { value: 0, train: 0 },
        { value: 1, train: 1 },
      ],
      ignore: 255,
      periods: ['6', '7'],
      masks: [
        {
          name: 'pond',
          mask: 'annotations/pond_mask.png',
          images: [
            { period: '6', path: 'images/pond_6.png' },
            { period: '7', path: 'images/pond_7.png' },
          ],
          width: 3,
          height: 2,
          histogram: { 0: 6 },
          group: '0',
        },
        {
          name: 'wood_end',
          mask: 'annotations/wood_end_mask.png',
          images: [
            { period: '6', path: 'images/wood_end_6.png' },
            { period: '7', path: 'images/wood_end_7.png' },
          ],
          width: 3,
          height: 2,
          histogram: { 0: 2, 1: 4 },
          group: '0,1',
        },
      ],
      groups: [
        { key: '0', masks: 1 },
        { key: '0,1', masks: 1 },
      ],
    });
    expect(await readCatalog(trial.outs['catalog'] ?? '', 'catalog.json')).toEqual({
      ok: true,
      value: catalog,
    });
    expect(trial.events.at(-1)).toEqual({
      type: 'progress',
      label: 'scan',
      done: 6,
      total: 6,
      unit: 'files',
    });
  });

  test('gives the same bytes with one core or four, and another order of classes changes nothing', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await place(name);
    const one = await scanned({}, 1);
    const four = await scanned({ classes: [...params.classes].reverse() }, 4);
    expect(readFileSync(four.outs['catalog'] ?? '')).toEqual(readFileSync(one.outs['catalog'] ?? ''));
    const again = await scanned({}, 4);
    expect(readFileSync(again.outs['report'] ?? '')).toEqual(readFileSync(one.outs['report'] ?? ''));
  });

  test('names and colours reach the report only', async () => {
    await place('a');
    const before = await scanned();
    const after = await scanned({
      classes: params.classes.map((row) => ({ ...row, name: `<${row.name}>`, colour: '#123456' })),
    });
    const read = (trial: ScanTrial, out: string) => readFileSync(trial.outs[out] ?? '', 'utf8');
    expect(read(after, 'catalog')).toBe(read(before, 'catalog'));
    expect(read(after, 'report')).toContain('&lt;water&gt;');
    expect(read(after, 'report')).not.toContain('<water>');
  });

  test('one image a mask needs no {period}, in one folder with its mask', async () => {
    await mask('a_mask.png', [[0, 1]]);
    await image('a.png', 2, 1);
    const trial = await scanned({ names: { images: '{name}.png', masks: '{name}_mask.png' } });
    expect(trial.faults).toEqual([]);
    const catalog = JSON.parse(readFileSync(trial.outs['catalog'] ?? '', 'utf8')) as Catalog;
    expect(catalog.masks[0]?.images).toEqual([{ period: '', path: 'a.png' }]);
  });

  test('a file that belongs to nothing is said', async () => {
    await place('a');
    put('notes.txt', 'hello');
    put('images/a_6.png.aux.xml', 'x');
    expect((await scanned()).events[0]).toEqual({
      type: 'note',
      level: 'info',
      text: '2 files fit neither names.images nor names.masks: images/a_6.png.aux.xml, notes.txt.',
    });
  });

  test('images that only end in another suffix are warned of', async () => {
    await place('a');
    put('images/b_6.PNG', 'x');
    put('images/b_7.PNG', 'x');
    expect((await scanned()).events[0]).toEqual({
      type: 'note',
      level: 'warning',
      text: '2 files fit neither names.images nor names.masks: images/b_6.PNG, images/b_7.PNG. A pattern fits one suffix: 2 files end in .PNG where names.images says .png; rename or convert them.',
    });
  });

  test('images that EXIF wants turned are used as stored, and said once', async () => {
    const jpeg = await sharp(new Uint8Array(3 * 2 * 3), { raw: { width: 3, height: 2, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    for (const name of ['a', 'b']) {
      await mask(`${name}_mask.png`, [
        [0, 0, 1],
        [1, 1, 1],
      ]);
      put(`${name}.jpg`, jpeg);
    }
    const trial = await scanned({ names: { images: '{name}.jpg', masks: '{name}_mask.png' } });
    expect(trial.faults).toEqual([]);
    expect(trial.events.filter(({ type }) => type === 'note')).toEqual([
      {
        type: 'note',
        level: 'warning',
        text: '2 images ask by EXIF to be turned for the eye (first a.jpg, orientation 6): the pixels are used as stored, and must lie on the mask so.',
      },
    ]);
  });

  test('of many sizes the report lists twelve and counts the others', async () => {
    for (let width = 1; width <= 15; width += 1) {
      await mask(`${width}_mask.png`, [Array.from({ length: width }, (_, at) => at % 2)]);
      await image(`${width}.png`, width, 1);
    }
    const trial = await scanned({ names: { images: '{name}.png', masks: '{name}_mask.png' } });
    const report = readFileSync(trial.outs['report'] ?? '', 'utf8');
    const sizes = report.slice(report.indexOf('<h2>Sizes'), report.indexOf('<h2>Examples'));
    expect(sizes.match(/<tr>/g)).toHaveLength(14);
    expect(sizes).toContain('and 3 more sizes</td><td class="number">3</td>');
  });

  test('a mask of ignored pixels only is left out and named', async () => {
    await place('a');
    await place('empty', [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const trial = await scanned({
      classes: [
        { value: 0, name: 'no data', colour: '#000000', ignore: true },
        ...params.classes.slice(1),
        { value: 2, name: 'field', colour: '#888888' },
      ],
    });
    const catalog = JSON.parse(readFileSync(trial.outs['catalog'] ?? '', 'utf8')) as Catalog;
    expect(catalog.masks.map(({ name, group }) => [name, group])).toEqual([['a', '1']]);
    expect(trial.events).toContainEqual({
      type: 'note',
      level: 'warning',
      text: '1 mask has only ignored pixels and is left out: annotations/empty_mask.png.',
    });
  });
});

describe('what is missing', () => {
  test('a missing folder is named by its config key', async () => {
    rmSync(dataset, { recursive: true });
    expect((await scanned()).faults).toEqual([
      {
        code: 'ERS_INPUT_MISSING',
        message: 'The dataset folder does not exist.',
        hint: 'Set dataset.root to a folder that holds images and masks.',
      },
    ]);
    writeFileSync(dataset, '');
    expect((await scanned()).faults[0]?.code).toBe('ERS_INPUT_KIND');
  });

  test('an empty folder is refused for both patterns', async () => {
    expect((await scanned()).faults.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERS_DATASET_EMPTY No file fits names.masks, which is "annotations/{name}_mask.png"; the dataset folder holds no file at all.',
      'ERS_DATASET_EMPTY No file fits names.images, which is "images/{name}_{period}.png"; the dataset folder holds no file at all.',
    ]);
  });

  test('other folders and suffixes are found and proposed', async () => {
    await image('images/a_6.png');
    put('labels/a_mask.tif', 'x');
    put('labels/b_mask.tif', 'x');
    expect((await scanned()).faults).toEqual([
      {
        code: 'ERS_DATASET_EMPTY',
        message:
          'No file fits names.masks, which is "annotations/{name}_mask.png"; the dataset folder holds 3 files (1 in images, 2 in labels), e.g. images/a_6.png.',
        hint: 'Did you mean names.masks: labels/{name}_mask.tif?',
      },
    ]);
  });

  test('an image without mask and a mask without image are told together', async () => {
    await place('good');
    await image('images/lost_place_6.png');
    await mask('annotations/blind_mask.png', [[0]]);
    await image('images/half_6.png');
    await mask('annotations/half_mask.png', [
      [0, 0, 0],
      [0, 1, 0],
    ]);
    expect((await scanned()).faults).toEqual([
      {
        code: 'ERS_IMAGE_WITHOUT_MASK',
        message: 'The image has no mask: expected annotations/lost_place_mask.png.',
        place: { file: 'images/lost_place_6.png' },
        hint: 'Add the mask, take the image out of the dataset, or correct names.masks.',
      },
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: 'The mask has no image: expected images/blind_6.png, images/blind_7.png.',
        place: { file: 'annotations/blind_mask.png' },
        hint: 'Add the image, take the mask out of the dataset, or correct names.images.',
      },
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: 'The mask lacks an image of a period: expected images/half_7.png.',
        place: { file: 'annotations/half_mask.png' },
        hint: 'Add the image, take the mask out of the dataset, or correct names.images.',
      },
    ]);
  });

  test('a mask of which no image is there names the path that is expected, and one pattern for both is told', async () => {
    await mask('annotations/a_mask.png', [[0, 1]]);
    await image('images/b_6.png', 2, 1);
    const { faults } = await scanned();
    expect(faults.map(({ message }) => message)).toContain(
      'The mask has no image: expected images/a_{period}.png.',
    );
    const clash = await scanned({ names: { images: 'images/{name}.png', masks: 'images/{name}.png' } });
    expect(clash.faults).toEqual([
      {
        code: 'ERS_PATTERN',
        message:
          'names.images "images/{name}.png" and names.masks "images/{name}.png" fit the same 1 file; nothing tells an image from a mask.',
        place: { file: 'images/b_6.png' },
        hint: 'Give one of them another folder, another suffix or fixed text such as {name}_mask.png.',
      },
    ]);
  });

  test.skipIf(process.platform === 'darwin')(
    'names that look the same but differ in Unicode’s form are told (macOS knows no such two names)',
    async () => {
      await place('good');
      await mask('annotations/\u00e9_mask.png', [[0, 1]]);
      await image('images/e\u0301_6.png', 2, 1);
      expect((await scanned()).faults).toEqual([
        {
          code: 'ERS_IMAGE_WITHOUT_MASK',
          message:
            "The image and the mask annotations/\u00e9_mask.png have names that look the same but differ in their bytes: Unicode's forms NFC and NFD.",
          place: { file: 'images/e\u0301_6.png' },
          also: { file: 'annotations/\u00e9_mask.png' },
          hint: 'Rename all files to one form, e.g. `convmv -r -f utf8 -t utf8 --nfc --notest FOLDER`.',
        },
      ]);
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'names that are no UTF-8 are said to be so (only Linux has them)',
    async () => {
      await place('a');
      await mask('annotations/\ufffd_mask.png', [[0, 1]]);
      const latin1 = (path: string) => Buffer.from(join(dataset, path), 'latin1');
      renameSync(join(dataset, 'annotations/\ufffd_mask.png'), latin1('annotations/\u00e9_mask.png'));
      for (const period of ['6', '7']) {
        await image('images/moved.png', 2, 1);
        renameSync(join(dataset, 'images/moved.png'), latin1(`images/\u00e9_${period}.png`));
      }
      const { faults } = await scanned();
      expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual(
        Array.from(
          { length: 3 },
          () => 'ERS_INPUT_MISSING The file cannot be opened, because its name is not UTF-8.',
        ),
      );
      expect(faults[0]?.place).toEqual({ file: 'annotations/\ufffd_mask.png' });
      mkdirSync(latin1('stra\u00dfe'));
      expect(
        (await scanned()).faults.map(({ message, place: at }) => `${at?.file ?? ''} ${message}`),
      ).toEqual(['stra\ufffde The folder cannot be opened, because its name is not UTF-8.']);
    },
  );

  test('a stray period is one fault, not one for each mask that lacks it', async () => {
    for (const name of ['a', 'b', 'c']) await place(name);
    await image('images/a_old.png');
    expect((await scanned()).faults).toEqual([
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: 'Period "old" has images for 1 of 3 masks only; every mask needs one image of each period.',
        place: { file: 'images/a_old.png' },
        hint: 'Take the stray images out of the dataset, or add the missing ones.',
      },
    ]);
  });
});

describe('what is wrong in a file', () => {
  test('a mask value that no class has is named with pixel, count and share', async () => {
    await place('a', [
      [0, 0, 1],
      [9, 1, 9],
    ]);
    expect((await scanned()).faults).toEqual([
      {
        code: 'ERS_MASK_VALUE',
        message: 'Value 9 is no class: 2 pixels (33.33 %). Expected 0, 1.',
        place: { file: 'annotations/a_mask.png', pixel: { x: 0, y: 1 } },
        hint: 'Correct the mask, or add a row to classes: { value: 9, name: …, colour: … }, with ignore: true if such pixels shall not count.',
      },
    ]);
  });

  test('several unknown values of a mask are one fault', async () => {
    await place('a', [
      [0, 255, 1],
      [9, 1, 9],
    ]);
    const [fault] = (await scanned()).faults;
    expect(fault?.message).toBe(
      '2 values are no classes: 3 pixels (50 %), by value 9 (2), 255 (1); the first one is 255. Expected 0, 1.',
    );
    expect(fault?.place).toEqual({ file: 'annotations/a_mask.png', pixel: { x: 1, y: 0 } });
  });

  test('sizes that differ are named, and swapped sides are recognised', async () => {
    await place('a');
    await image('images/a_6.png', 2, 3);
    await image('images/a_7.png', 4, 2);
    const { faults } = await scanned();
    expect(faults.map(({ code, message, also }) => [code, message, also?.file])).toEqual([
      [
        'ERS_SIZE_MISMATCH',
        'The mask is 3×2 and its image 2×3: width and height are swapped; expected the same size.',
        'images/a_6.png',
      ],
      ['ERS_SIZE_MISMATCH', 'The mask is 3×2 and its image 4×2; expected the same size.', 'images/a_7.png'],
    ]);
  });

  test('a truncated image, a grey image and a colour mask are all named', async () => {
    for (const name of ['a', 'b', 'c']) await place(name);
    const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * at) % 251);
    const large = await encodePng({ width: 64, height: 64, channels: 3, pixels });
    put('images/a_6.png', large.subarray(0, large.length / 2));
    await mask('images/b_7.png', [
      [0, 0, 1],
      [1, 1, 1],
    ]);
    await image('annotations/c_mask.png');
    const { faults } = await scanned();
    expect(faults.map(({ code, place }) => `${code} ${place?.file ?? ''}`)).toEqual([
      'ERS_DECODE images/a_6.png',
      'ERS_IMAGE_FORMAT images/b_7.png',
      'ERS_MASK_FORMAT annotations/c_mask.png',
    ]);
  });

  test('of many faults of a kind five are shown and the other files counted, and no other kind is hidden', async () => {
    for (let at = 0; at < 30; at += 1)
      await place(`p${String(at).padStart(2, '0')}`, [
        [0, 0, 9],
        [1, 1, 1],
      ]);
    put('images/p29_7.png', 'no picture');
    const { faults } = await scanned();
    expect(faults).toHaveLength(7);
    expect(faults.filter(({ code }) => code === 'ERS_DECODE')).toHaveLength(1);
    expect(faults[5]).toEqual({
      code: 'ERS_MASK_VALUE',
      message: 'And the same in 25 more files (first annotations/p05_mask.png).',
    });
  });
});

describe('what is wrong in the config', () => {
  const rows = (...values: readonly [number, string, boolean?][]) =>
    values.map(([value, name, ignore]) => ({
      value,
      name,
      colour: '#000000',
      ...(ignore === undefined ? {} : { ignore }),
    }));

  test('two classes with one value or one name are refused', async () => {
    const { faults } = await scanned({ classes: rows([0, 'a'], [1, 'b'], [1, 'a']) });
    expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERS_CLASS_TABLE Two classes have the same value 1: classes[1] (b) and classes[2] (a).',
      'ERS_CLASS_TABLE Two classes have the same name a: classes[0] (a) and classes[2] (a).',
    ]);
  });

  test('a table that leaves nothing to learn is refused', async () => {
    const { faults } = await scanned({ classes: rows([0, 'a', true], [1, 'b', true]) });
    expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERS_CLASS_TABLE Of 2 classes fewer than two are not ignored; there is nothing to tell apart.',
    ]);
  });

  test.for([
    ['images/a.png', '{name} is missing, which pairs an image with its mask'],
    ['images/{nmae}_{period}.png', '{nmae} means nothing here; it may hold {name} and {period}'],
    ['images/{name}{period}.png', 'two fields touch, so that nobody can tell where the first one ends'],
    ['images/{name}_{name}.png', '{name} stands in it twice'],
    ['images/{name.png', 'a brace has no partner'],
    ['/data/{name}.png', 'it must be a relative path with single slashes, without . and ..'],
    ['../{name}.png', 'it must be a relative path with single slashes, without . and ..'],
  ] as const)('the pattern %s is refused', async ([pattern, problem]) => {
    const { faults } = await scanned({ names: { images: pattern, masks: '{name}_mask.png' } });
    expect(faults).toEqual([
      {
        code: 'ERS_PATTERN',
        message: `names.images is "${pattern}": ${problem}.`,
        hint: 'Write a path below the dataset folder such as images/{name}_{period}.png or images/{name}.jpg.',
      },
    ]);
  });
});
