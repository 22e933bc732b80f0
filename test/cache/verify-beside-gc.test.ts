import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { manifestDigest } from '../../cache/manifest.ts';
import { openReaders } from '../../cache/verify/readers.ts';
import { verifyTrees, type VerifiedTree } from '../../cache/verify/verify-store.ts';
import { tempFolder } from '../temp-folder.ts';

test('a tree that gc moves away and puts back while it is read is no damaged one', async () => {
  const root = tempFolder();
  const tree = manifestDigest([{ path: 'a', bytes: 1, digest: sha256('a') }]);
  const [folder, trash] = [join(root, 'trees', tree), join(root, 'trash')];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a'), 'a');
  const readers = openReaders('/no-worker', 0);
  const told: VerifiedTree[] = [];
  let isFirst = true;
  await verifyTrees(
    root,
    [tree],
    {
      ...readers,
      hash: async (paths) => {
        if (!isFirst) return readers.hash(paths);
        isFirst = false;
        renameSync(folder, trash);
        const hashes = await readers.hash(paths);
        renameSync(trash, folder);
        return hashes;
      },
    },
    (verified) => told.push(verified),
  );
  expect(told).toMatchObject([{ tree, state: 'intact', files: 1 }]);
});
