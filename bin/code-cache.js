/* global require, exports */
const { createHash } = require('node:crypto');
const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

/** Bytes of a sha256. */
const sumBytes = 32;

/** Scripts loaded without kept code: where to keep it → the script. */
const unkept = new Map();

/**
 * Loads a CommonJS file of a build with the compiled code that an earlier start kept beside it: to compile the
 * program takes longer than all else that a run with nothing to do does. What is kept belongs to one content of the
 * file (its folder is named by it), one version of Node and one processor architecture; V8 refuses it under other
 * flags. It only saves time: without it, or if it is damaged, the file is compiled.
 *
 * V8 forgets how to serve an `import` in kept code, so the file says `ERS_IMPORT` instead, which loads a `.cjs` file
 * in this same way.
 *
 * @param {string} file absolute; ASCII text
 * @returns {any} its exports
 */
function loadScript(file) {
  const kept = `${file}.${process.version}-${process.arch}.code`;
  const cachedData = readKept(kept);
  const source = readFileSync(file, 'latin1');
  const text = `(function (exports, require, module, __filename, __dirname, ERS_IMPORT) {${source}\n})`;
  const script = new Script(text, { filename: file, cachedData });
  if (cachedData === undefined) unkept.set(kept, script);
  const base = pathToFileURL(file);
  const lentImport = async (name) => {
    const url = name.startsWith('./') ? new URL(name, base).href : name;
    return url.endsWith('.cjs') ? loadScript(fileURLToPath(url)) : import(url);
  };
  const module = { exports: {} };
  const run = script.runInThisContext();
  run(module.exports, createRequire(base), module, file, dirname(file), lentImport);
  return module.exports;
}

/** Keeps the code compiled so far of what was loaded without any. */
function keepCode() {
  for (const [file, script] of unkept) writeKept(file, script.createCachedData());
}

/** V8 itself looks at little more than its own version: a flipped byte would be run. */
function readKept(file) {
  try {
    const bytes = readFileSync(file);
    const data = bytes.subarray(sumBytes);
    return sumOf(data).equals(bytes.subarray(0, sumBytes)) ? data : undefined;
  } catch (error) {
    if (error.code === undefined) throw error;
    return undefined;
  }
}

/** A folder that cannot be written to, or a full disk, is no fault: the next start takes longer. */
function writeKept(file, data) {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, Buffer.concat([sumOf(data), data]));
    renameSync(temporary, file);
  } catch (error) {
    if (error.code === undefined) throw error;
    rmSync(temporary, { force: true });
  }
}

function sumOf(data) {
  return createHash('sha256').update(data).digest();
}

exports.loadScript = loadScript;
exports.keepCode = keepCode;
