import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Block } from '../../cache/block.ts';
import { hashListing, safeAfter } from '../../cache/hash-listing.ts';
import { list, type Listing } from '../../cache/listing.ts';
import { temporaryFolder } from './helpers.ts';

function listingOf(root: string): Listing {
  const listed = list(root);
  if (listed.type !== 'listed') throw new Error(listed.type);
  return listed.listing;
}

/** Hashes a folder whose files are stamped by another machine's clock, at `now` seconds of ours. */
async function hashAt(root: string, now: number, before: Block | undefined): Promise<Block> {
  const clock = { now: () => BigInt(now) * 1_000_000_000n, stamps: () => false };
  const hashed = await hashListing(root, listingOf(root), before, clock);
  if (hashed.type !== 'hashed') throw new Error(hashed.type);
  return hashed.block;
}

test('stamps of another machine’s clock vouch only once they were the same 2 s before', async () => {
  const root = join(temporaryFolder(), 'in');
  mkdirSync(root);
  writeFileSync(join(root, 'a'), '1');
  writeFileSync(join(root, 'b'), '2');
  const first = await hashAt(root, 100, undefined);
  expect([...first.trusted]).toEqual([0, 0]);
  expect([...(await hashAt(root, 102, first)).trusted]).toEqual([0, 0]);
  utimesSync(join(root, 'b'), 1, 1);
  expect([...(await hashAt(root, 103, first)).trusted]).toEqual([1, 0]);
  expect([...(await hashAt(root, 99, first)).trusted]).toEqual([0, 0]);
});

test('a ctime of whole milliseconds betrays a coarse clock, which needs 2 s', () => {
  expect(safeAfter(5_000_000_001n)).toBe(5_020_000_001n);
  expect(safeAfter(5_000_000_000n)).toBe(7_000_000_000n);
});
