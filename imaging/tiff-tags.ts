/** What is needed of a TIFF beyond what sharp says of it: tags of its first picture, and how many pictures it holds. */
export interface TiffFacts {
  /** The first picture may have lost samples to compression. */
  readonly lossy: boolean;
  /** One of the samples of a pixel is alpha; without it they are all bands. */
  readonly alpha: boolean;
  /** The bands of the first picture lie one after another, not sample by sample. */
  readonly planar: boolean;
  /** Pictures of their own: overviews and transparency masks of another picture do not count. */
  readonly pages: number;
}

const tags = { subfileType: 254, compression: 259, planarConfiguration: 284, extraSamples: 338 } as const;

/** JPEG in its old and new form, WebP, lossy JPEG of DNG (TIFF 6.0, TIFF tech note 2, libtiff's tiff.h). */
const lossy: ReadonlySet<number> = new Set([6, 7, 50001, 34892]);

/** Of NewSubfileType (TIFF 6.0): a reduced version of another picture, and a transparency mask for one. */
const reduced = 1;
const transparency = 4;

/** Reads the directories of a TIFF or BigTIFF; undefined for what is no TIFF. A damaged directory ends the search. */
export function tiffFacts(bytes: Buffer): TiffFacts | undefined {
  const order = bytes.toString('latin1', 0, 2);
  if ((order !== 'II' && order !== 'MM') || bytes.length < 16) return undefined;
  const reader = readerOf(bytes, order === 'II');
  const directories = directoriesOf(reader);
  const [first] = directories;
  if (first === undefined) return undefined;
  const isPage = (directory: Directory) =>
    ((directory.get(tags.subfileType)?.[0] ?? 0) & (reduced | transparency)) === 0;
  return {
    lossy: lossy.has(first.get(tags.compression)?.[0] ?? 0),
    // 1 is alpha that is multiplied in already, 2 is alpha that is not, 0 is anything.
    alpha: (first.get(tags.extraSamples) ?? []).some((kind) => kind === 1 || kind === 2),
    planar: first.get(tags.planarConfiguration)?.[0] === 2,
    pages: directories.filter(isPage).length,
  };
}

/** Tag → its values, for the tags above. */
type Directory = ReadonlyMap<number, readonly number[]>;

interface Reader {
  readonly length: number;
  readonly big: boolean;
  short(at: number): number;
  long(at: number): number;
  /** A place in the file, or a count of them: 4 bytes, or 8 in a BigTIFF. */
  offset(at: number): number;
}

function readerOf(bytes: Buffer, little: boolean): Reader {
  const short = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const huge = (at: number): number => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const big = short(2) === 43;
  return { length: bytes.length, big, short, long, offset: big ? huge : long };
}

function directoriesOf(reader: Reader): readonly Directory[] {
  const { big, length } = reader;
  const [countSize, entrySize, offsetSize] = big ? [8, 20, 8] : [2, 12, 4];
  const seen = new Set<number>();
  const directories: Directory[] = [];
  let at = reader.offset(big ? 8 : 4);
  while (at > 0 && at + countSize <= length && !seen.has(at)) {
    seen.add(at);
    const entries = big ? reader.offset(at) : reader.short(at);
    const end = at + countSize + entries * entrySize;
    if (end + offsetSize > length) break;
    const directory = new Map<number, readonly number[]>();
    for (let entry = at + countSize; entry < end; entry += entrySize) {
      const tag = reader.short(entry);
      if (wanted.has(tag)) directory.set(tag, valuesOf(reader, entry));
    }
    directories.push(directory);
    at = reader.offset(end);
  }
  return directories;
}

const wanted: ReadonlySet<number> = new Set(Object.values(tags));

/** The values of an entry: SHORT (type 3) or LONG (type 4), in the entry itself where they have room there. */
function valuesOf(reader: Reader, entry: number): readonly number[] {
  const size = reader.short(entry + 2) === 3 ? 2 : 4;
  const count = reader.offset(entry + 4);
  const [field, room] = reader.big ? [entry + 12, 8] : [entry + 8, 4];
  const start = count * size <= room ? field : reader.offset(field);
  if (start + count * size > reader.length) return [];
  return Array.from({ length: count }, (_, at) =>
    size === 2 ? reader.short(start + at * size) : reader.long(start + at * size),
  );
}
