/** A picture of a TIFF: zeros of 8 bits, all bands of a pixel together. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** ExtraSamples: 0 unspecified, 1 and 2 alpha; one for each band after the third. */
  readonly extra?: readonly number[];
  /** NewSubfileType: 1 an overview, 4 a transparency mask. */
  readonly kind?: number;
}

type Entry = readonly [tag: number, type: 3 | 4, values: readonly number[]];

/** An uncompressed little-endian TIFF, for kinds that our encoder does not write. */
export function tiff(...pages: readonly TiffPage[]): Buffer {
  const parts = [Buffer.from('II*\0\x08\0\0\0', 'latin1')];
  let at = 8;
  for (const [index, { width, height, bands, extra = [], kind = 0 }] of pages.entries()) {
    const entriesBefore: readonly Entry[] = [
      [254, 4, [kind]],
      [256, 4, [width]],
      [257, 4, [height]],
      [258, 3, Array.from({ length: bands }, () => 8)],
      [259, 3, [1]],
      [262, 3, [bands < 3 ? 1 : 2]],
    ];
    const entriesAfter: readonly Entry[] = extra.length === 0 ? [] : [[338, 3, extra]];
    const entryCount = entriesBefore.length + 4 + entriesAfter.length;
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
      ...entriesAfter,
    ];
    const page = Buffer.alloc(tableLength + room + samples);
    page.writeUInt16LE(entries.length, 0);
    let aside = tableLength;
    for (const [place, entry] of entries.entries()) {
      const [tag, type, values] = entry;
      const start = 2 + place * 12;
      page.writeUInt16LE(tag, start);
      page.writeUInt16LE(type, start + 2);
      page.writeUInt32LE(values.length, start + 4);
      if (sizeAside(entry) > 0) page.writeUInt32LE(at + aside, start + 8);
      const target = sizeAside(entry) > 0 ? aside : start + 8;
      values.forEach((value, item) => {
        if (type === 3) page.writeUInt16LE(value, target + item * 2);
        else page.writeUInt32LE(value, target + item * 4);
      });
      aside += sizeAside(entry);
    }
    const next = index === pages.length - 1 ? 0 : at + page.length;
    page.writeUInt32LE(next, tableLength - 4);
    parts.push(page);
    at += page.length;
  }
  return Buffer.concat(parts);
}

function sizeAside([, type, values]: Entry): number {
  const size = values.length * (type === 3 ? 2 : 4);
  return size > 4 ? size : 0;
}
