const compressionTag = 259;
/** JPEG in its old and new form, WebP, lossy JPEG of DNG (TIFF 6.0, TIFF tech note 2, libtiff's tiff.h). */
const lossy: ReadonlySet<number> = new Set([6, 7, 50001, 34892]);

/** Whether the first picture of a TIFF may have lost samples to compression; false for what is no TIFF. sharp does not say it. */
export function isLossyTiff(bytes: Buffer): boolean {
  const order = bytes.toString('latin1', 0, 2);
  if ((order !== 'II' && order !== 'MM') || bytes.length < 16) return false;
  const little = order === 'II';
  const short = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const huge = (at: number): number => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const isBig = short(2) === 43;
  const directory = isBig ? huge(8) : long(4);
  const [countSize, entrySize, valueAt] = isBig ? [8, 20, 12] : [2, 12, 8];
  if (directory + countSize > bytes.length) return false;
  const entries = isBig ? huge(directory) : short(directory);
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + countSize + entry * entrySize;
    if (at + entrySize > bytes.length) return false;
    if (short(at) === compressionTag) return lossy.has(short(at + valueAt));
  }
  return false;
}
