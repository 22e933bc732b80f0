import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Catalog } from '../../../stages/scan/catalog.ts';
import { scan, type ScanTrial } from './fixture.ts';
import { realData } from './data.ts';

const opened: ScanTrial[] = [];
afterEach(() => opened.splice(0).forEach((trial) => trial.remove()));

async function scanned(...options: Parameters<typeof scan>): Promise<ScanTrial> {
  const trial = await scan(...options);
  opened.push(trial);
  return trial;
}

const classes = (count: number) =>
  Array.from({ length: count }, (_, value) => ({ value, name: `class ${value}`, colour: '#808080' }));

const seasons = realData('seasons');
test.skipIf(seasons === null)('35 places of three months are read as they are', async () => {
  const trial = await scanned(seasons ?? '', { classes: classes(5) });
  expect(trial.faults).toEqual([]);
  const catalog = JSON.parse(readFileSync(trial.outs['catalog'] ?? '', 'utf8')) as Catalog;
  expect(catalog.masks).toHaveLength(35);
  expect(catalog.periods).toEqual(['6', '7', '8']);
  expect(catalog.masks[0]?.images[1]).toEqual({ period: '7', path: 'images/prairie_0000_0000_7.png' });
});

const monterey = realData('monterey');
describe.skipIf(monterey === null)('monterey', () => {
  const names = { images: 'images/{name}.jpg', masks: 'annotations/{name}_mask.png' };

  test('100 tiles of one JPEG a mask are read, with class 0 ignored', async () => {
    const rows = classes(12).map((row) => (row.value === 0 ? { ...row, ignore: true } : row));
    const trial = await scanned(monterey ?? '', { names, classes: rows });
    expect(trial.faults).toEqual([]);
    const catalog = JSON.parse(readFileSync(trial.outs['catalog'] ?? '', 'utf8')) as Catalog;
    expect(catalog.masks).toHaveLength(100);
    expect(catalog.periods).toEqual(['']);
    expect(catalog.classes.slice(0, 2)).toEqual([
      { value: 0, train: null },
      { value: 1, train: 0 },
    ]);
    expect(catalog.groups.every(({ key }) => !key.split(',').includes('0'))).toBe(true);
  });

  test('a class missing from the table is refused with file, pixel and count', async () => {
    const trial = await scanned(monterey ?? '', { names, classes: classes(11) });
    expect(trial.faults.length).toBeGreaterThan(1);
    expect(trial.faults[0]).toMatchInlineSnapshot(`
      {
        "code": "ERS_MASK_VALUE",
        "hint": "Correct the mask, or add a row to classes: { value: 11, name: …, colour: … }, with ignore: true if such pixels shall not count.",
        "message": "Value 11 is no class: 14 pixels (under 0.01 %). Expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.",
        "place": {
          "file": "annotations/ortho_10336_38304_a000c_mask.png",
          "pixel": {
            "x": 588,
            "y": 442,
          },
        },
      }
    `);
  });

  test('masks stored as JPEG are refused as lossy', async () => {
    const trial = await scanned(monterey ?? '', {
      names: { images: 'images/{name}.jpg', masks: 'annotations_jpeg/{name}_label.jpg' },
      classes: classes(12),
    });
    const masks = trial.faults.filter((fault) => fault.code === 'ERS_MASK_FORMAT');
    expect(masks[0]).toMatchInlineSnapshot(`
      {
        "code": "ERS_MASK_FORMAT",
        "hint": "Export the mask again from its source as 8-bit grey PNG.",
        "message": "The mask is an 8-bit grey JPEG; lossy compression invents class values.",
        "place": {
          "file": "annotations_jpeg/ortho_10336_38304_a000c_label.jpg",
        },
      }
    `);
    expect(masks).toHaveLength(6);
    expect(masks[5]?.message).toMatch(
      /^And the same in \d+ more files \(first annotations_jpeg\/ortho_\w+\.jpg\)\.$/,
    );
    expect(trial.faults).toHaveLength(12);
    expect(trial.faults[5]?.message).toMatch(
      /^And the same in \d+ more files \(first images\/ortho_\w+\.jpg\)\.$/,
    );
  });
});

const bad = realData('bad_masks');
describe.skipIf(bad === null)('bad masks', () => {
  test('an RGB mask, a transposed mask and a missing mask are all named at once', async () => {
    const trial = await scanned(bad ?? '', {
      names: { images: '{name}.jpg', masks: '{name}_label.png' },
      classes: classes(4),
    });
    expect(trial.faults).toMatchInlineSnapshot(`
      [
        {
          "code": "ERS_IMAGE_WITHOUT_MASK",
          "hint": "Add the mask, take the image out of the dataset, or correct names.masks.",
          "message": "The image has no mask: expected cropped3_36_label.png.",
          "place": {
            "file": "cropped3_36.jpg",
          },
        },
        {
          "code": "ERS_IMAGE_WITHOUT_MASK",
          "hint": "Add the mask, take the image out of the dataset, or correct names.masks.",
          "message": "The image has no mask: expected newcropped_12_label.png.",
          "place": {
            "file": "newcropped_12.jpg",
          },
        },
        {
          "code": "ERS_MASK_FORMAT",
          "hint": "Map each colour to its class value and save the values as 8-bit grey PNG.",
          "message": "The mask is an 8-bit RGB PNG; it has 4 distinct colours, and expected were class values in one 8-bit grey channel.",
          "place": {
            "file": "cropped2_18_label.png",
          },
        },
        {
          "code": "ERS_MASK_FORMAT",
          "hint": "Map each colour to its class value and save the values as 8-bit grey PNG.",
          "message": "The mask is an 8-bit RGB PNG; it has 5 distinct colours, and expected were class values in one 8-bit grey channel.",
          "place": {
            "file": "cropped2_24_label.png",
          },
        },
      ]
    `);
  });

  test('a grey mask that is transposed and one of another image', async () => {
    const trial = await scanned(bad ?? '', {
      names: { images: '{name}.jpg', masks: '{name}_label_greyscale.png' },
      classes: classes(4),
    });
    expect(trial.faults).toMatchInlineSnapshot(`
      [
        {
          "code": "ERS_IMAGE_WITHOUT_MASK",
          "hint": "Add the mask, take the image out of the dataset, or correct names.masks.",
          "message": "The image has no mask: expected newcropped_12_label_greyscale.png.",
          "place": {
            "file": "newcropped_12.jpg",
          },
        },
        {
          "code": "ERS_MASK_VALUE",
          "hint": "Correct the mask, or add a row to classes: { value: 4, name: …, colour: … }, with ignore: true if such pixels shall not count.",
          "message": "Value 4 is no class: 708484 pixels (33.78 %). Expected 0, 1, 2, 3.",
          "place": {
            "file": "cropped2_18_label_greyscale.png",
            "pixel": {
              "x": 0,
              "y": 0,
            },
          },
        },
        {
          "also": {
            "file": "cropped2_24.jpg",
          },
          "code": "ERS_SIZE_MISMATCH",
          "hint": "Rotate or transpose the mask so that it lies on its image; look at them together before you train.",
          "message": "The mask is 1024×2048 and its image 2048×1024: width and height are swapped; expected the same size.",
          "place": {
            "file": "cropped2_24_label_greyscale.png",
          },
        },
        {
          "code": "ERS_MASK_VALUE",
          "hint": "Correct the mask, or add a row to classes: { value: 4, name: …, colour: … }, with ignore: true if such pixels shall not count.",
          "message": "2 values are no classes: 845143 pixels (40.3 %), by value 4 (782573), 5 (62570); the first one is 4. Expected 0, 1, 2, 3.",
          "place": {
            "file": "cropped2_24_label_greyscale.png",
            "pixel": {
              "x": 0,
              "y": 0,
            },
          },
        },
        {
          "code": "ERS_MASK_VALUE",
          "hint": "Correct the mask, or add a row to classes: { value: 4, name: …, colour: … }, with ignore: true if such pixels shall not count.",
          "message": "Value 4 is no class: 549655 pixels (26.21 %). Expected 0, 1, 2, 3.",
          "place": {
            "file": "cropped3_36_label_greyscale.png",
            "pixel": {
              "x": 0,
              "y": 0,
            },
          },
        },
      ]
    `);
  });
});
