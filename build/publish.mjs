import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './compile.mjs';

/** Builds that stay beside the current one: a program that still runs may load a chunk of an older build. */
const keptBuilds = 8;

/**
 * Puts a finished build into `dist/`. Everything is named by its content and appears by rename, and `current.json`
 * comes last: a build that dies, or another one at the same time, leaves nothing that a launcher could take for whole.
 *
 * @param {string} dist
 * @param {object} built
 * @param {ReadonlyMap<string, Uint8Array>} built.stages file name in `dist/stages/` → content
 * @param {ReadonlyMap<string, Uint8Array>} built.files file name in `dist/BUILD/` → content
 * @param {unknown} built.sources what `statSources` said before the build read its first file
 * @returns {Promise<string>} name of the build
 */
export async function publish(dist, { stages, files, sources }) {
  await mkdir(join(dist, 'stages'), { recursive: true });
  for (const [name, content] of stages) await publishStage(join(dist, 'stages', name), content);
  const list = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => [name, sha256(content)]);
  const build = sha256(JSON.stringify(list)).slice(0, 16);
  await publishFolder(join(dist, build), files);
  await replace(join(dist, 'current.json'), `${JSON.stringify({ build, sources })}\n`);
  await prune(dist, build);
  return build;
}

/** Kept forever and never overwritten, except when its bytes are no longer those that its name says. */
export async function publishStage(path, content) {
  const found = await readFile(path).catch(ignoreMissing);
  if (found !== undefined && sha256(found) === sha256(content)) return;
  if (found !== undefined) return replace(path, content);
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  try {
    await link(temporary, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    await unlink(temporary);
  }
}

async function publishFolder(path, files) {
  if (await isWhole(path, files)) return;
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(temporary);
  for (const [name, content] of files) await writeFile(join(temporary, name), content);
  try {
    await rename(temporary, path);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    if (await isWhole(path, files)) {
      await rm(temporary, { recursive: true });
      return;
    }
    await rename(path, `${path}.${randomUUID()}.tmp`);
    await rename(temporary, path);
  }
}

async function isWhole(path, files) {
  for (const [name, content] of files) {
    const found = await readFile(join(path, name)).catch(ignoreMissing);
    if (found === undefined || sha256(found) !== sha256(content)) return false;
  }
  return true;
}

async function replace(path, content) {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

/** Removes all but the newest builds, and what builds that died left an hour ago. */
async function prune(dist, current) {
  const found = [];
  for (const name of await readdir(dist)) {
    if (name === current || !/^([0-9a-f]{16}(\..*)?|building-.*|.*\.tmp)$/.test(name)) continue;
    const at = await stat(join(dist, name)).catch(ignoreMissing);
    if (at !== undefined) found.push({ name, time: at.mtimeMs });
  }
  const hourAgo = Date.now() - 3_600_000;
  const isUnfinished = (name) => name.endsWith('.tmp') || name.startsWith('building-');
  const unfinished = found.filter(({ name, time }) => isUnfinished(name) && time < hourAgo);
  const older = found
    .filter(({ name, time }) => !isUnfinished(name) && time < hourAgo)
    .sort((a, b) => b.time - a.time)
    .slice(keptBuilds);
  for (const { name } of [...unfinished, ...older])
    await rm(join(dist, name), { recursive: true, force: true });
}

function ignoreMissing(error) {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
