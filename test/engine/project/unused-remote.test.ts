import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { Pipeline } from '../../../engine/definition/types.ts';
import { unusedRemote } from '../../../engine/project/unused-remote.ts';
import type { RemoteFile } from '../../../engine/stage.ts';
import { hubFiles } from '../../../runtime/remote/provider.ts';
import { pipelineOf, tempFolder, write } from '../pipelines.ts';

const day = 24 * 3600 * 1000;
const file = (name: string): RemoteFile => ({
  repo: `hub/${name}`,
  revision: name.charCodeAt(0).toString(16).padStart(40, '0'),
  file: 'model.safetensors',
  sha256: null,
});

/** A pipeline that names the file `a`, and a folder with the files `a` and `b`, a broken-off fetch, and a lock. */
function world() {
  const folder = tempFolder();
  const remoteFiles = hubFiles({ ERS_REMOTE_DIR: folder });
  for (const name of ['a', 'b']) {
    write(remoteFiles.pathOf(file(name)), '', 'weights');
    write(`${remoteFiles.pathOf(file(name))}.sha256`, '', 'digest\n');
  }
  write(`${remoteFiles.pathOf(file('c'))}.part`, '', 'wei');
  writeFileSync(join(folder, 'lock'), '');
  const plain = pipelineOf('/', { train: { outs: { model: 'model/' } } });
  const place = { file: 'config.yaml', line: 1 };
  const pipeline: Pipeline = {
    ...plain,
    stages: new Map(
      [...plain.stages].map(([name, stage]) => [
        name,
        { ...stage, deps: { encoder: { type: 'remote', word: 'imagenet', file: file('a'), place } } },
      ]),
    ),
  };
  const unused = (days: number, olderThan: number) =>
    unusedRemote({ pipeline, remoteFiles }, Date.now() + days * day, olderThan * day);
  return { folder, unused };
}

test('of fetched files those go that the pipeline does not name and nobody has asked for in 30 days', () => {
  const { folder, unused } = world();
  expect(unused(29, 0)).toEqual([]);
  expect(unused(31, 0)).toEqual([
    { path: join(folder, 'hub--b', file('b').revision), bytes: 14 },
    { path: join(folder, 'hub--c', file('c').revision), bytes: 3 },
  ]);
  expect(unused(31, 40)).toEqual([]);
  expect(unused(41, 40)).toHaveLength(2);
  expect(readdirSync(folder).sort()).toEqual(['hub--a', 'hub--b', 'hub--c', 'lock']);
});

test('what a link leads to, and folders that are not named as a fetch names them, stay', () => {
  const { folder, unused } = world();
  const elsewhere = tempFolder();
  const revision = '0123456789'.repeat(4);
  write(elsewhere, `${revision}/mine`, 'mine');
  write(folder, `my/${revision}/mine`, 'mine');
  symlinkSync(elsewhere, join(folder, 'hub--d'));
  mkdirSync(join(folder, 'hub--e'));
  symlinkSync(join(elsewhere, revision), join(folder, 'hub--e', revision));
  expect(unused(31, 0).map(({ path }) => relative(folder, path))).toEqual([
    `hub--b/${file('b').revision}`,
    `hub--c/${file('c').revision}`,
  ]);
});

test('nothing is there where nothing was fetched', () => {
  const folder = join(tempFolder(), 'none');
  const remoteFiles = hubFiles({ ERS_REMOTE_DIR: folder });
  const pipeline = pipelineOf('/', { train: { outs: { model: 'model/' } } });
  expect(unusedRemote({ pipeline, remoteFiles }, Date.now(), 0)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
