import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import type { Digest } from '../base/digest.ts';
import { digestBytes, statBytes, type Block } from './block.ts';
import { errnoOf } from './errno.ts';
import { decodeName, encodeName } from './names.ts';
import { temporaryFor } from './temporary.ts';

/** Blocks by id, kept in one file. The file only saves reading: whatever is wrong with it, it starts empty. */
export interface IndexFile {
  get(id: string): Block | undefined;
  set(id: string, block: Block): void;
  delete(id: string): void;
  /** Writes it whole by rename if it changed; blocks whose id `keep` refuses are left out. */
  save(keep: (id: string) => boolean): void;
}

const magic = Buffer.from('ers-index 1\n');
const sumBytes = 32;
/** Lengths and numbers before the variable parts of a block. */
const headBytes = 4 + 4 + 4 + 1 + 8 + 8 + digestBytes;

export function openIndexFile(file: string): IndexFile {
  let blocks = read(file);
  const changed = new Set<string>();
  return {
    get: (id) => blocks.get(id),
    set: (id, block) => {
      blocks.set(id, block);
      changed.add(id);
    },
    delete: (id) => {
      if (blocks.delete(id)) changed.add(id);
    },
    save: (keep) => {
      if (changed.size === 0) return;
      blocks = merge(read(file), blocks, changed);
      for (const id of blocks.keys()) if (!keep(id)) blocks.delete(id);
      write(
        file,
        [...blocks].flatMap(([id, block]) => packBlock(id, block)),
      );
      changed.clear();
    },
  };
}

/** What other processes saved meanwhile stays, save where this one knows better. */
function merge(saved: Map<string, Block>, own: ReadonlyMap<string, Block>, changed: ReadonlySet<string>) {
  for (const id of changed) {
    const block = own.get(id);
    if (block === undefined) saved.delete(id);
    else saved.set(id, block);
  }
  return saved;
}

function read(file: string): Map<string, Block> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    // Missing, unreadable, a folder: no reason to stop, only to read everything again.
    if (errnoOf(error) === undefined) throw error;
    return new Map();
  }
  const body = bytes.subarray(magic.length + sumBytes);
  const sum = bytes.subarray(magic.length, magic.length + sumBytes);
  const genuine = bytes.subarray(0, magic.length).equals(magic) && checksum([body]).equals(sum);
  return genuine ? unpack(body) : new Map<string, Block>();
}

/** A read-only or full disk is no fault: next time costs reading, nothing is wrong. */
function write(file: string, parts: readonly Buffer[]): void {
  const temporary = temporaryFor(file);
  try {
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeParts(temporary, [magic, checksum(parts), ...parts]);
      crashPoint('index:written');
      renameSync(temporary, file);
      crashPoint('index:there');
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** One after the other: of a folder of a million files the parts are 85 MB, which need not be in memory twice. */
function writeParts(file: string, parts: readonly Buffer[]): void {
  const opened = openSync(file, 'w');
  try {
    for (const part of parts) writeFileSync(opened, part);
  } finally {
    closeSync(opened);
  }
}

function checksum(parts: readonly Buffer[]): Buffer {
  const sum = createHash('sha256').update(magic);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** The block's bytes in the file, in parts. */
function packBlock(id: string, block: Block): readonly Buffer[] {
  const name = encodeName(id);
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(name.length, 0);
  head.writeUInt32LE(block.names.length, 4);
  head.writeUInt32LE(block.files, 8);
  head.writeUInt8(block.kind === 'file' ? 0 : 1, 12);
  head.writeDoubleLE(block.bytes, 13);
  head.writeBigUInt64LE(block.seenAt, 21);
  head.write(block.digest, 29, 'hex');
  return [head, name, block.names, block.stats, block.digests, block.trusted];
}

/** The checksum was right, so these are the bytes that `packBlock` wrote. */
function unpack(body: Buffer): Map<string, Block> {
  const blocks = new Map<string, Block>();
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    return body.subarray(at - length, at);
  };
  while (at < body.length) {
    const head = take(headBytes);
    const files = head.readUInt32LE(8);
    const id = decodeName(take(head.readUInt32LE(0)));
    blocks.set(id, {
      kind: head.readUInt8(12) === 0 ? 'file' : 'folder',
      digest: head.toString('hex', 29, 29 + digestBytes) as Digest,
      files,
      bytes: head.readDoubleLE(13),
      seenAt: head.readBigUInt64LE(21),
      names: take(head.readUInt32LE(4)),
      stats: take(files * statBytes),
      digests: take(files * digestBytes),
      trusted: take(files),
    });
  }
  return blocks;
}
