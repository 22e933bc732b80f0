import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { FaultError, type Fault } from '../../base/fault.ts';
import { osPath } from '../../cache/names.ts';
import { inspectOut } from '../../cache/outs.ts';
import { parseManifest } from '../../cache/manifest.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import type { Manifest, StageRecord, StoredOut } from '../../cache/types.ts';
import { heed, type Watch } from '../../cache/watch.ts';
import { locateByte } from '../../formats/locate.ts';
import type { Stage } from '../definition/types.ts';
import type { Project } from '../project/project.ts';
import type { ByteDifference, Difference } from '../project/rehearsal.ts';

/**
 * Compares what an attempt left in the folder `outs` with a result of the store.
 * Throws `FaultError`: an out is missing or not of its kind; `Interrupted` if `watch` ends it.
 */
export async function compareOuts(
  project: Project,
  stage: Stage,
  outs: string,
  record: StageRecord,
  watch: Watch,
): Promise<Difference | undefined> {
  const declared = Object.entries(stage.outs).sort(([a], [b]) => byCodeUnit(a, b));
  const faults = declared.flatMap(([name, { path, kind, place }]) => {
    const said = { path: `outs/${path}`, place };
    const found = inspectOut(name, { path: join(outs, path), kind, said });
    return Array.isArray(found) ? (found as readonly Fault[]) : [];
  });
  if (faults.length > 0) throw new FaultError(...faults);
  for (const [name, { path }] of declared) {
    const stored = record.outs[name];
    if (stored === undefined) throw new Error(`Internal error: the record has no out ${name}`);
    const difference = await compareOut(project, stored, join(outs, path), watch);
    if (difference !== undefined) return { out: name, ...difference };
  }
  return undefined;
}

async function compareOut(
  project: Project,
  stored: StoredOut,
  path: string,
  watch: Watch,
): Promise<Omit<Difference, 'out'> | undefined> {
  // An index that remembers nothing reads every byte.
  const reader = openStatIndex({ file: join(project.store.root, 'no-index') });
  const found = await reader.find(path, watch);
  if (found.kind === stored.kind && found.digest === stored.digest) return undefined;
  const first = project.store.pathOf(stored);
  if (found.kind !== stored.kind) return { file: '', in: 'both' };
  if (found.kind === 'file') return { file: '', in: 'both', at: await compareFiles(first, path, watch) };
  const before = project.store.manifest(stored.tree);
  const after = parseManifest(reader.listOf(path, found.digest) ?? '');
  if (before === undefined || after === undefined) {
    throw new Error(`Internal error: ${stored.tree} or ${path} has no list of files`);
  }
  const { file, has } = firstChange(before, after);
  if (has !== 'both') return { file, in: has };
  return { file, in: has, at: await compareFiles(join(first, file), join(path, file), watch) };
}

/** By path, so that the same difference is named each time. */
function firstChange(
  before: Manifest,
  after: Manifest,
): { readonly file: string; readonly has: Difference['in'] } {
  const [first, second] = [digests(before), digests(after)];
  const files = [...new Set([...first.keys(), ...second.keys()])].sort(byCodeUnit);
  const file = files.find((each) => first.get(each) !== second.get(each));
  if (file === undefined) throw new Error('Internal error: two lists of files differ and are equal');
  return { file, has: !second.has(file) ? 'first' : first.has(file) ? 'both' : 'second' };
}

function digests(manifest: Manifest): ReadonlyMap<string, string> {
  return new Map(manifest.map(({ path, digest }) => [path, digest]));
}

const chunkBytes = 1 << 20;

/** The first byte that differs, reading a part at a time. */
async function compareFiles(first: string, second: string, watch: Watch): Promise<ByteDifference> {
  const files = [await open(osPath(first)), await open(osPath(second))] as const;
  try {
    const buffers = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)] as const;
    for (let position = 0; ;) {
      heed(watch);
      const [a, b] = [
        await readFully(files[0], buffers[0], position),
        await readFully(files[1], buffers[1], position),
      ];
      const at = firstDifferent(a, b);
      if (at !== undefined) {
        const what = await locateByte(first, position + at);
        return {
          ...{ offset: position + at, first: a[at] ?? null, second: b[at] ?? null },
          ...(what === undefined ? {} : { what }),
        };
      }
      if (a.length === 0) throw new Error(`Internal error: ${first} has another digest and the same bytes`);
      position += a.length;
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

async function readFully(
  file: Awaited<ReturnType<typeof open>>,
  buffer: Buffer,
  position: number,
): Promise<Buffer> {
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}

function firstDifferent(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return length;
}

/** What was found, as a fault of the stage. */
export function sayDifference(stage: Stage, { out, file, in: has, at }: Difference, causes: string): Fault {
  const where = file === '' ? `output ${out}` : `${file} in output ${out}`;
  return {
    code: 'ERS_NOT_DETERMINISTIC',
    message: `${stage.name} is not deterministic: ${where} ${sayWhat(has, at)}.`,
    place: stage.place,
    hint: `Something that is not in its key gets into its output: the time, a random number, the order of a listing, the number of threads.${causes}`,
  };
}

function sayWhat(has: Difference['in'], at: ByteDifference | undefined): string {
  if (has !== 'both') return `was made the ${has} time only`;
  if (at === undefined) return 'was a file one time and a folder the other';
  const say = (byte: number | null): string =>
    byte === null ? 'its end' : `0x${byte.toString(16).padStart(2, '0')}`;
  const what = at.what === undefined ? '' : ` (${at.what})`;
  return `differs at byte ${at.offset}, counted from 0${what}: ${say(at.first)} the first time, ${say(at.second)} the second`;
}
