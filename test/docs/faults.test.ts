import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultCodes } from '../../base/fault.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8');

test('docs/faults.md lists every code once, in the order of base/fault.ts', () => {
  expect([...text.matchAll(/^\| `(ERS_\w+)`/gm)].map(([, code]) => code)).toEqual(faultCodes);
});
