/* global require, exports */
const { readdirSync, statSync } = require('node:fs');

/** Folders whose files decide what `dist/` holds. Not `bin/`: it is in no bundle, and npx touches the launcher's mode. */
const folders = [
  'base',
  'build',
  'cache',
  'cli',
  'engine',
  'formats',
  'imaging',
  'nn',
  'runtime',
  'stages',
  'ui',
];

/** npm rewrites the last one at each install, so a changed package version is seen. */
const files = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];

/**
 * What `stat` says of every source file: `[path, size, mtimeMs, ctimeMs]`, sorted by path.
 * Reads no file. The build stores this list; the launcher compares it.
 *
 * @param {string} root folder of the project
 * @returns {[string, number, number, number][]}
 */
function statSources(root) {
  const found = [];
  const add = (path) => {
    const stat = statSync(`${root}/${path}`, { throwIfNoEntry: false });
    if (stat !== undefined) found.push([path, stat.size, stat.mtimeMs, stat.ctimeMs]);
  };
  const walk = (folder) => {
    for (const entry of list(`${root}/${folder}`)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else add(path);
    }
  };
  folders.forEach(walk);
  files.forEach(add);
  return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function list(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

exports.statSources = statSources;
