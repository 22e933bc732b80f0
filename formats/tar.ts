import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Pack } from 'tar-stream';
import { FaultError } from '../base/fault.ts';

/** One file of an archive. Names are relative POSIX paths. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes a ustar archive whose bytes depend only on the entries: times 0, owners 0, mode 0644. Entries are taken one at a time. */
export async function writeTar(
  path: string,
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    const archive = pack();
    const filling = fill(archive, entries);
    filling.catch((error: unknown) =>
      archive.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    for await (const chunk of archive) await file.writeFile(chunk as Uint8Array);
    await filling;
  } finally {
    await file.close();
  }
}

async function fill(archive: Pack, entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): Promise<void> {
  for await (const entry of entries) await add(archive, entry);
  archive.finalize();
}

function add(archive: Pack, { name, bytes }: TarEntry): Promise<void> {
  const header = {
    name,
    size: bytes.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    uname: '',
    gname: '',
  };
  return new Promise((resolve, reject) => {
    archive.entry(header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/**
 * The files of an archive in their order, one in memory at a time.
 * @param shownAs the path to name in faults; throws `FaultError` with ERS_SHARD on a truncated or damaged archive.
 */
export async function* readTar(
  path: string,
  shownAs: string = path,
): AsyncGenerator<TarEntry, void, undefined> {
  const archive = extract();
  await checkEnd(path, shownAs);
  const reading = pipeline(createReadStream(path), archive);
  reading.catch(() => {
    // The same error reaches the loop below through the archive's own stream.
  });
  let last = '';
  try {
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      last = entry.header.name;
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      yield { name: last, bytes: Buffer.concat(chunks) };
    }
    await reading;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(`The shard cannot be read${last === '' ? '' : ` after ${last}`}: ${why}.`, shownAs);
  }
}

/** An archive ends in two blocks of zeros; one cut between two files would otherwise look whole. */
async function checkEnd(path: string, shownAs: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(1024, 1);
    if (size >= end.length) await file.read(end, 0, end.length, size - end.length);
    if (end.some((byte) => byte !== 0)) {
      throw damaged(
        `The shard is cut short: its ${size} bytes do not close with the end of an archive.`,
        shownAs,
      );
    }
  } finally {
    await file.close();
  }
}

function damaged(message: string, shownAs: string): FaultError {
  return new FaultError({
    code: 'ERS_SHARD',
    message,
    place: { file: shownAs },
    hint: 'It is truncated or damaged: make the shards again with `npx ers run shards --force`.',
  });
}
