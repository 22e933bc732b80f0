import { crc32c } from './crc32c.ts';

/**
 * One record of a TFRecord file (tensorflow.org, "TFRecord and tf.train.Example"): length as uint64, its masked CRC, the
 * data, its masked CRC; all little-endian. A file is its records, one behind the other.
 */
export function tfRecord(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

/** Rotated and shifted, so that the CRC of a record that holds a CRC is no weaker. */
function masked(bytes: Uint8Array): Buffer {
  const sum = crc32c(bytes);
  const out = Buffer.alloc(4);
  out.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
  return out;
}
