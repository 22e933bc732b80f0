import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault, Result } from '../../base/fault.ts';
import { decodeImage, decodeMask } from '../../imaging/decode.ts';
import { encodePng } from '../../imaging/encode.ts';
import { openSamples } from '../../imaging/codec.ts';
import type { Raster } from '../../imaging/raster.ts';
import { greyPng } from './grey-png.ts';
import { tiff, type TiffPage } from './tiff.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ers-decode-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Every value once, and one more of each in other channels. */
const image: Raster = {
  width: 16,
  height: 16,
  channels: 3,
  pixels: Uint8Array.from({ length: 768 }, (_, at) => (at * 7 + (at % 3)) & 255),
};
const mask: Raster = {
  width: 32,
  height: 8,
  channels: 1,
  pixels: Uint8Array.from({ length: 256 }, (_, value) => value),
};

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function faultOf(result: Result<Raster>): Fault | undefined {
  return result.ok ? undefined : result.faults[0];
}

test('an image comes back with its very samples, and equal rasters have equal PNG bytes', async () => {
  const png = await encodePng(image);
  expect(png.equals(await encodePng({ ...image, pixels: image.pixels.slice() }))).toBe(true);
  const path = await save('image.png', png);
  expect(await decodeImage(path, 'image.png')).toEqual({ ok: true, value: image });
});

test('a mask of all 256 values comes back as one channel with its very values', async () => {
  const path = await save('mask.png', await encodePng(mask));
  expect(await decodeMask(path, 'mask.png')).toEqual({ ok: true, value: mask });
});

test('a mask in a deflated TIFF is read', async () => {
  const tiff = await openSamples(mask.pixels, 32, 8, 1)
    .toColourspace('b-w')
    .tiff({ compression: 'deflate' })
    .toBuffer();
  expect(await decodeMask(await save('mask.tif', tiff), 'mask.tif')).toEqual({ ok: true, value: mask });
});

test('neither a colour profile nor a gamma changes a value', async () => {
  const profiled = await openSamples(image.pixels, 16, 16, 3).withIccProfile('p3').png().toBuffer();
  const name = profiled.indexOf('iCCP');
  const profile = profiled.subarray(name - 4, name + 8 + profiled.readUInt32BE(name - 4));
  const plain = await encodePng(image);
  const afterHeader = 33;
  const png = Buffer.concat([plain.subarray(0, afterHeader), profile, plain.subarray(afterHeader)]);
  expect((await sharp(png).metadata()).hasProfile).toBe(true);
  expect(await decodeImage(await save('p3.png', png), 'p3.png')).toEqual({ ok: true, value: image });
  const gamma = greyPng({ width: 32, height: 8, bits: 8, type: 0, rows: mask.pixels, gamma: 22222 });
  expect(await decodeMask(await save('gamma.png', gamma), 'gamma.png')).toEqual({ ok: true, value: mask });
});

test('an EXIF rotation is left alone', async () => {
  const jpeg = await openSamples(new Uint8Array(8 * 4 * 3), 8, 4, 3)
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const decoded = await decodeImage(await save('turned.jpg', jpeg), 'turned.jpg');
  expect(decoded).toMatchObject({ ok: true, value: { width: 8, height: 4, orientation: 6 } });
});

test('an overview and a transparency mask in a TIFF are no further pages', async () => {
  const scene = { width: 8, height: 6, bands: 3 };
  const bytes = tiff(scene, { ...scene, width: 4, height: 3, kind: 1 }, { ...scene, bands: 1, kind: 4 });
  expect(await decodeImage(await save('cog.tif', bytes), 'cog.tif')).toMatchObject({
    ok: true,
    value: { width: 8, height: 6, channels: 3 },
  });
});

describe('images of other bands than three', () => {
  const scene = (bands: number, how: Partial<TiffPage> = {}) => ({
    width: 5,
    height: 4,
    bands,
    extra: Array.from({ length: Math.max(0, bands - 3) }, () => 0),
    pixels: Uint8Array.from({ length: 20 * bands }, (_, at) => (at * 37 + 11) & 255),
    ...how,
  });

  test.each([
    ['two bands', scene(2, { extra: [0] })],
    ['RGB and alpha', scene(4, { extra: [2] })],
    ['four bands whose first three are called RGB', scene(4)],
    [
      'three bands whose first is called grey, as GDAL writes without PHOTOMETRIC',
      scene(3, { grey: true, extra: [0, 0] }),
    ],
    ['four bands whose first is called grey', scene(4, { grey: true, extra: [0, 0, 0] })],
    ['nine bands', scene(9, { grey: true, extra: [0, 0, 0, 0, 0, 0, 0, 0] })],
  ])('%s of a TIFF come back as they are stored', async (name, page) => {
    const { width, height, bands, pixels } = page;
    const decoded = await decodeImage(await save(`${name}.tif`, tiff(page)), 'bands.tif', bands);
    expect(decoded).toEqual({ ok: true, value: { width, height, channels: bands, pixels } });
  });

  test.each([
    ['grey', 1],
    ['grey with alpha', 2],
    ['RGB with alpha', 4],
  ] as const)('a PNG that is %s comes back as it is stored', async (name, channels) => {
    const pixels = Uint8Array.from({ length: 16 * 16 * channels }, (_, at) => (at * 7 + (at % 5)) & 255);
    const picture = sharp(pixels, { raw: { width: 16, height: 16, channels } });
    const png = await (channels < 3 ? picture.toColourspace('b-w') : picture).png().toBuffer();
    const decoded = await decodeImage(await save(`${name}.png`, png), 'a.png', channels);
    expect(decoded).toEqual({ ok: true, value: { width: 16, height: 16, channels, pixels } });
  });

  test('the number that is asked for is held to', async () => {
    const path = await save('rgb.png', await encodePng(image));
    expect(faultOf(await decodeImage(path, 'a.png', 4))).toEqual({
      code: 'ERS_IMAGE_FORMAT',
      message: 'The image is an 8-bit RGB PNG; expected 4 bands of 8 bits.',
      place: { file: 'a.png' },
      hint: 'Give every image 4 bands. Or set `image.channels` to 3.',
    });
    expect(faultOf(await decodeImage(path, 'a.png', 1))?.message).toBe(
      'The image is an 8-bit RGB PNG; expected 8-bit grey.',
    );
  });

  test('bands one after another, which libvips would mix up, are refused with the cure', async () => {
    const planar = tiff(scene(4, { grey: true, extra: [0, 0, 0], planar: true }));
    expect(faultOf(await decodeImage(await save('planar.tif', planar), 'a.tif', 4))).toMatchObject({
      code: 'ERS_IMAGE_FORMAT',
      hint: expect.stringContaining('INTERLEAVE=PIXEL') as string,
    });
  });
});

describe('large scenes', () => {
  test('a mask of 269 million pixels, above sharp’s own limit, is read', async () => {
    const side = 16400;
    const png = greyPng({ width: side, height: side, bits: 8, type: 0, rows: new Uint8Array(side * side) });
    const decoded = await decodeMask(await save('scene.png', png), 'scene.png');
    expect(decoded).toMatchObject({ ok: true, value: { width: side, height: side, channels: 1 } });
  }, 60_000);

  test('what is above our own limit is refused before it is decoded, with advice', async () => {
    const rgb = tiff({ width: 4, height: 4, bands: 3 });
    // Tags 256 and 257 are the second and the third of the first directory.
    rgb.writeUInt32LE(60_000, 8 + 2 + 12 + 8);
    rgb.writeUInt32LE(50_000, 8 + 2 + 24 + 8);
    expect(faultOf(await decodeImage(await save('huge.tif', rgb), 'huge.tif'))).toEqual({
      code: 'ERS_IMAGE_FORMAT',
      message:
        'The image has 60000×50000 pixels; at most 715 million pixels (2 GiB of samples) are read at once.',
      place: { file: 'huge.tif' },
      hint: 'Cut the scene and its mask into tiles of one grid, e.g. `gdal_retile.py -ps 1024 1024 -targetDir TILES IN`.',
    });
  });
});

describe('images that are refused', () => {
  const grey = () => openSamples(mask.pixels, 32, 8, 1).toColourspace('b-w');
  const colour = () => openSamples(image.pixels, 16, 16, 3);
  test.each([
    ['grey', () => grey().png().toBuffer(), 'an 8-bit grey PNG'],
    ['16-bit', () => colour().toColourspace('rgb16').png().toBuffer(), 'a 16-bit RGB PNG'],
    ['RGBA', () => colour().ensureAlpha(0.5).png().toBuffer(), 'an 8-bit RGB PNG with alpha'],
    ['CMYK', () => colour().toColourspace('cmyk').jpeg().toBuffer(), 'a CMYK JPEG'],
    ['palette', () => colour().png({ palette: true }).toBuffer(), 'a palette (indexed colour) PNG'],
    ['4 bands', () => tiff({ width: 4, height: 4, bands: 4, extra: [0] }), 'an 8-bit TIFF with 4 bands'],
    [
      'RGBA in TIFF',
      () => tiff({ width: 4, height: 4, bands: 4, extra: [2] }),
      'an 8-bit RGB TIFF with alpha',
    ],
    [
      '6 bands',
      () => tiff({ width: 4, height: 4, bands: 6, extra: [0, 0, 0] }),
      'an 8-bit TIFF with 6 bands',
    ],
    [
      '2 pages',
      () => tiff({ width: 4, height: 4, bands: 3 }, { width: 4, height: 4, bands: 3 }),
      'a TIFF with 2 pages',
    ],
  ])('%s is named and comes with advice', async (name, make, what) => {
    const path = await save(`${name}.img`, await make());
    const fault = faultOf(await decodeImage(path, 'images/a_6.png'));
    expect(fault).toMatchObject({
      code: 'ERS_IMAGE_FORMAT',
      message: `The image is ${what}; expected 8-bit RGB.`,
      place: { file: 'images/a_6.png' },
    });
    expect(fault?.hint).toBeTruthy();
    if (what.includes('bands'))
      expect(fault?.hint).toContain('`gdal_translate -b 1 -b 2 -b 3 in.tif out.tif`');
  });
});

describe('masks that are refused', () => {
  const colour = (pixels: Uint8Array) => openSamples(pixels, 16, 16, 3).png().toBuffer();
  const rows = Uint8Array.of(0x01, 0x23);
  test.each([
    [
      'colours',
      () =>
        colour(image.pixels.map((_, at) => (at % 3 === 2 ? 0 : Math.floor(at / 3) % (at % 3 === 0 ? 5 : 3)))),
      'an 8-bit RGB PNG; it has 15 distinct colours, and expected were class values in one 8-bit grey channel',
      'Map each colour to its class value and save the values as 8-bit grey PNG.',
    ],
    [
      'three equal channels',
      () => colour(image.pixels.map((_, at) => Math.floor(at / 3) % 5)),
      'an 8-bit RGB PNG; it has 5 distinct colours, and expected were class values in one 8-bit grey channel',
      'Its three channels are equal: save only one of them, as 8-bit grey PNG.',
    ],
    [
      'a palette',
      () =>
        greyPng({
          width: 2,
          height: 1,
          bits: 8,
          type: 3,
          rows: Uint8Array.of(0, 1),
          palette: [0, 0, 0, 1, 1, 1],
        }),
      'a palette (indexed colour) PNG; a palette stands for colours, and expected were class values in one 8-bit grey channel',
      'Write the class values themselves into an 8-bit grey PNG.',
    ],
    [
      '4 bits, which a decoder would scale by 17',
      () => greyPng({ width: 4, height: 1, bits: 4, type: 0, rows }),
      'a 4-bit grey PNG; expected class values 0…255 in one 8-bit grey channel',
      'Save it as 8-bit grey PNG without rescaling its values.',
    ],
    [
      '16 bits',
      () => greyPng({ width: 1, height: 1, bits: 16, type: 0, rows }),
      'a 16-bit grey PNG; expected class values 0…255 in one 8-bit grey channel',
      'Save it as 8-bit grey PNG without rescaling its values.',
    ],
    [
      'alpha',
      () => greyPng({ width: 1, height: 1, bits: 8, type: 4, rows }),
      'an 8-bit grey PNG with alpha; expected one grey channel without alpha',
      'Remove the alpha channel; class values belong in one grey channel.',
    ],
    ...([false, true] as const).map((bigtiff): [string, () => Promise<Buffer>, string, string] => [
      bigtiff ? 'JPEG inside BigTIFF' : 'JPEG inside TIFF',
      () =>
        openSamples(mask.pixels, 32, 8, 1)
          .toColourspace('b-w')
          .tiff({ compression: 'jpeg', bigtiff })
          .toBuffer(),
      'an 8-bit grey TIFF; lossy compression invents class values',
      'Export the mask again from its source as 8-bit grey PNG.',
    ]),
    [
      'JPEG',
      () => openSamples(mask.pixels, 32, 8, 1).toColourspace('b-w').jpeg().toBuffer(),
      'an 8-bit grey JPEG; lossy compression invents class values',
      'Export the mask again from its source as 8-bit grey PNG.',
    ],
  ])('%s', async (name, make, message, hint) => {
    const path = await save(`${name}.mask`, await make());
    expect(faultOf(await decodeMask(path, 'annotations/a_mask.png'))).toEqual({
      code: 'ERS_MASK_FORMAT',
      message: `The mask is ${message}.`,
      place: { file: 'annotations/a_mask.png' },
      hint,
    });
  });
});

describe('files that cannot be read', () => {
  test.each([
    ['png', 'The PNG ends early or is damaged (libpng: read error).'],
    ['jpeg', 'The JPEG ends early or is damaged (libjpeg: premature end of JPEG image).'],
    ['tiff', 'The TIFF ends early or is damaged.'],
  ] as const)('a truncated %s is ERS_DECODE in plain words', async (format, message) => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * at * 31) >> 3);
    const bytes = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    const path = await save(`cut.${format}`, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    expect(faultOf(await decodeImage(path, `images/cut.${format}`))).toMatchObject({
      code: 'ERS_DECODE',
      message,
      place: { file: `images/cut.${format}` },
    });
  });

  test('a PNG with a damaged byte is ERS_DECODE', async () => {
    const png = await encodePng(mask);
    png[png.length - 30] = (png[png.length - 30] ?? 0) ^ 0xff;
    expect(faultOf(await decodeMask(await save('damaged.png', png), 'm.png'))?.code).toBe('ERS_DECODE');
  });

  test.each([
    ['an empty file', '', 'The file is empty (0 bytes).'],
    ['text', 'häuser\n', 'The file is no picture: it is text.'],
    [
      'an archive',
      'PK\u0003\u0004\u0000',
      'The file is no picture: it begins like no PNG, TIFF, JPEG or WebP.',
    ],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\n',
      'The file is a Git LFS pointer, not the picture itself.',
    ],
  ])('%s is ERS_DECODE with the reason', async (_, text, message) => {
    const path = await save('no-picture.png', Buffer.from(text));
    expect(faultOf(await decodeImage(path, 'x.png'))).toMatchObject({ code: 'ERS_DECODE', message });
  });

  test('a missing file is ERS_INPUT_MISSING', async () => {
    expect(faultOf(await decodeMask(join(folder, 'absent.png'), 'absent.png'))?.code).toBe(
      'ERS_INPUT_MISSING',
    );
  });
});

const shared = new URL('../../../shared/data/', import.meta.url).pathname;
describe.skipIf(!existsSync(shared))('real pictures (skipped where ../shared/data is absent)', () => {
  test('JPEG masks of Monterey Bay are refused', async () => {
    const masks = join(shared, 'monterey/annotations_jpeg');
    for (const name of await readdir(masks)) {
      expect(faultOf(await decodeMask(join(masks, name), name))?.code).toBe('ERS_MASK_FORMAT');
    }
  });

  test('colour masks are refused with their number of colours, grey ones are read', async () => {
    const bad = join(shared, 'bad_masks');
    const colours = faultOf(await decodeMask(join(bad, 'cropped2_18_label.png'), 'a.png'));
    expect(colours?.message).toMatch(
      /^The mask is an 8-bit RGB PNG; it has \d+ distinct colours, and expected were/,
    );
    const grey = await decodeMask(join(bad, 'cropped2_24_label_greyscale.png'), 'b.png');
    expect(grey).toMatchObject({ ok: true, value: { width: 1024, height: 2048, channels: 1 } });
  });

  test.each([
    ['RGBA.uint16.tif', 'ERS_IMAGE_FORMAT'],
    ['dummy_fotomap_small.tif', 'ERS_IMAGE_FORMAT'],
    ['float_nan.tif', 'ERS_IMAGE_FORMAT'],
    ['image_nodata.tif', 'ERS_IMAGE_FORMAT'],
    ['umbra_mount_yasur.tiff', 'ERS_IMAGE_FORMAT'],
    ['inference-img.tif', 'ERS_IMAGE_FORMAT'],
    ['corrupt.tif', 'ERS_DECODE'],
  ])('%s is %s', async (name, code) => {
    expect(faultOf(await decodeImage(join(shared, 'geotiff', name), name))?.code).toBe(code);
  });

  test.each(['image_rgb_mask.tif', 'image_web_z5_z11.tif'])(
    '%s, which holds a mask or overviews beside the image, is read',
    async (name) => {
      expect((await decodeImage(join(shared, 'geotiff', name), name)).ok).toBe(true);
    },
  );

  test('an ordinary GeoTIFF and an ordinary tile are read', async () => {
    expect(await decodeImage(join(shared, 'geotiff/RGB.byte.tif'), 'a.tif')).toMatchObject({
      ok: true,
      value: { width: 791, height: 718, channels: 3 },
    });
    const tile = join(shared, 'seasons/images/prairie_0000_0000_6.png');
    expect((await readFile(tile)).length).toBeGreaterThan(0);
    expect(await decodeImage(tile, 'b.png')).toMatchObject({ ok: true, value: { width: 128, height: 128 } });
  });
});
