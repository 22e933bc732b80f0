import { expect, test } from 'vitest';
import { crc32c } from '../../formats/crc32c.ts';

test.each([
  ['32 bytes of zero', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
])('the sum of %s is that of RFC 3720', (_, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});
