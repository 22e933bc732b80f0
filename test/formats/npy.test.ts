import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNpy, writeNpy } from '../../formats/npy.ts';

test('the bytes are those of numpy.save', () => {
  // numpy.save(f, numpy.arange(6, dtype='uint8').reshape(2, 3)), format 1.0.
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }`.padEnd(117) + '\n';
  const expected = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(header),
    Buffer.from([0, 1, 2, 3, 4, 5]),
  ]);
  expect(writeNpy([2, 3], Uint8Array.of(0, 1, 2, 3, 4, 5)).equals(expected)).toBe(true);
});

test('arrays come back as they went in, also from an odd offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.float32Array({ maxLength: 40 }), (bytes, floats) => {
      for (const data of [bytes, floats]) {
        const written = writeNpy([data.length, 1], data);
        const shifted = new Uint8Array(written.length + 1);
        shifted.set(written, 1);
        const parsed = parseNpy(shifted.subarray(1), 'x.npy');
        expect(parsed).toEqual({
          ok: true,
          value: { dtype: data === bytes ? 'uint8' : 'float32', shape: [data.length, 1], data },
        });
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});

const good = writeNpy([2], Uint8Array.of(1, 2));
const changed = (from: string, to: string): Buffer =>
  Buffer.from(good.toString('latin1').replace(from, to), 'latin1');

test.each([
  ['other bytes', Buffer.from('not an array at all'), 'it is no .npy file'],
  ['a cut header', good.subarray(0, 40), 'it ends inside its header'],
  ['cut data', good.subarray(0, -1), 'it has 129 bytes; its shape needs 130'],
  ['Fortran order', changed('False', 'True '), 'it is in Fortran order; expected C order'],
  ['another type', changed('|u1', '<f8'), 'its type is <f8; expected |u1 or <f4'],
])('%s is ERS_SHARD with the reason', (_, bytes, why) => {
  expect(parseNpy(bytes, '00000001.image.npy')).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_SHARD',
        message: `The array cannot be read: ${why}.`,
        place: { file: '00000001.image.npy' },
      },
    ],
  });
});
