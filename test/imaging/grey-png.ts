import { crc32, deflateSync } from 'node:zlib';

/** A PNG of any kind from its packed rows, for kinds that our encoder does not write. One filter byte 0 is put before each row. */
export function greyPng(options: {
  readonly width: number;
  readonly height: number;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  /** PNG colour type: 0 grey, 3 palette, 4 grey with alpha. */
  readonly type: 0 | 3 | 4;
  readonly rows: Uint8Array;
  readonly palette?: readonly number[];
  /** gAMA chunk: gamma times 100000. */
  readonly gamma?: number;
}): Buffer {
  const { width, height, bits, type, rows, palette, gamma } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, type, 0, 0, 0], 8);
  const stride = rows.length / height;
  const filtered = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.of(0), rows.subarray(y * stride, (y + 1) * stride)]),
  );
  const gammaBytes = Buffer.alloc(4);
  gammaBytes.writeUInt32BE(gamma ?? 0);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(gamma === undefined ? [] : [chunk('gAMA', gammaBytes)]),
    ...(palette === undefined ? [] : [chunk('PLTE', Buffer.from(palette))]),
    chunk('IDAT', deflateSync(Buffer.concat(filtered))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
