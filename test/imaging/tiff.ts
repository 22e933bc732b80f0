/** A picture of a TIFF, of 8 bits. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** ExtraSamples: 0 unspecified, 1 and 2 alpha; one for each band after the third. */
  readonly extra?: readonly number[];
  /** NewSubfileType: 1 an overview, 4 a transparency mask. */
  readonly kind?: number;
  /** All bands of a pixel together; zeros unless told. */
  readonly pixels?: Uint8Array;
  /** The first band is called grey, as it always is where there are fewer than three. */
  readonly grey?: boolean;
  /** The bands are said to lie one after another. */
  readonly planar?: boolean;
}

type Entry = readonly [tag: number, type: 3 | 4, values: readonly number[]];

/** An uncompressed little-endian TIFF, for kinds that our encoder does not write. */
export function tiff(...pages: readonly TiffPage[]): Buffer {
  const parts = [Buffer.from('II*\0\x08\0\0\0', 'latin1')];
  let at = 8;
  for (const [index, page] of pages.entries()) {
    const { width, height, bands, extra = [], kind = 0, pixels, grey = bands < 3, planar = false } = page;
    const entriesBefore: readonly Entry[] = [
      [254, 4, [kind]],
      [256, 4, [width]],
      [257, 4, [height]],
      [258, 3, Array.from({ length: bands }, () => 8)],
      [259, 3, [1]],
      [262, 3, [grey ? 1 : 2]],
    ];
    const entriesAfter: readonly Entry[] = extra.length === 0 ? [] : [[338, 3, extra]];
    const entryCount = entriesBefore.length + 5 + entriesAfter.length;
    const tableLength = 2 + entryCount * 12 + 4;
    // Values that have no room in their entry come after the table, then the samples.
    const room = [...entriesBefore, ...entriesAfter].reduce((sum, entry) => sum + sizeAside(entry), 0);
    const samples = width * height * bands;
    const entries: readonly Entry[] = [
      ...entriesBefore,
      [273, 4, [at + tableLength + room]],
      [277, 3, [bands]],
      [278, 4, [height]],
      [279, 4, [samples]],
      [284, 3, [planar ? 2 : 1]],
      ...entriesAfter,
    ];
    const bytes = Buffer.alloc(tableLength + room + samples);
    bytes.set(pixels ?? [], tableLength + room);
    bytes.writeUInt16LE(entries.length, 0);
    let aside = tableLength;
    for (const [place, entry] of entries.entries()) {
      const [tag, type, values] = entry;
      const start = 2 + place * 12;
      bytes.writeUInt16LE(tag, start);
      bytes.writeUInt16LE(type, start + 2);
      bytes.writeUInt32LE(values.length, start + 4);
      if (sizeAside(entry) > 0) bytes.writeUInt32LE(at + aside, start + 8);
      const target = sizeAside(entry) > 0 ? aside : start + 8;
      values.forEach((value, item) => {
        if (type === 3) bytes.writeUInt16LE(value, target + item * 2);
        else bytes.writeUInt32LE(value, target + item * 4);
      });
      aside += sizeAside(entry);
    }
    const next = index === pages.length - 1 ? 0 : at + bytes.length;
    bytes.writeUInt32LE(next, tableLength - 4);
    parts.push(bytes);
    at += bytes.length;
  }
  return Buffer.concat(parts);
}

function sizeAside([, type, values]: Entry): number {
  const size = values.length * (type === 3 ? 2 : 4);
  return size > 4 ? size : 0;
}
