import {
  chmodSync,
  copyFileSync,
  constants,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { canonical, type Json } from '../base/canonical.ts';
import { crashPoint } from '../base/crash-point.ts';
import { isDigest, sha256, type Digest } from '../base/digest.ts';
import { namesIn } from './entries.ts';
import { errnoOf, isExisting, isMissing } from './errno.ts';
import { syncPath } from './sync.ts';
import type { StageRecord, StoredOut } from './types.ts';
import { openWorkspace } from './workspace.ts';

/**
 * The newest valid record of a key, `records/KEY/N.json` with the highest N. One that is damaged, of another version
 * or of another key is passed over.
 */
export function readRecord(root: string, key: Digest): StageRecord | undefined {
  const folder = join(root, 'records', key);
  for (const number of numbersIn(folder).toReversed()) {
    const record = parseRecord(readIfAny(join(folder, `${number}.json`)), key);
    if (record !== undefined) return record;
  }
  return undefined;
}

/** Every valid record of a key, newest first: their trees may all be in use. */
export function readRecords(root: string, key: Digest): readonly StageRecord[] {
  const folder = join(root, 'records', key);
  return numbersIn(folder)
    .toReversed()
    .flatMap((number) => parseRecord(readIfAny(join(folder, `${number}.json`)), key) ?? []);
}

/** Records whose bytes are not those that were written, as `KEY/N.json`, sorted. */
export function damagedRecords(root: string): readonly string[] {
  const folder = join(root, 'records');
  return namesIn(folder)
    .filter(isDigest)
    .flatMap((key) => numbersIn(join(folder, key)).map((number) => `${key}/${number}.json`))
    .filter((name) => !isGenuine(readIfAny(join(folder, name)) ?? Buffer.alloc(0)));
}

/** Links the record as the next number of its key: before the link it is not there, after it is there whole. */
export function writeRecord(root: string, record: StageRecord): void {
  const folder = join(root, 'records', record.key);
  const workspace = openWorkspace(root);
  try {
    const temporary = join(workspace.folder, 'record.json');
    writeFileSync(temporary, recordText(record));
    chmodSync(temporary, 0o644);
    syncPath(temporary);
    crashPoint('commit:written');
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    while (!linkAs(temporary, join(folder, `${(numbersIn(folder).at(-1) ?? 0) + 1}.json`)));
    crashPoint('commit:linked');
    syncPath(folder);
    syncPath(join(root, 'records'));
  } finally {
    workspace.close();
  }
  crashPoint('commit:ended');
}

/** The file's text: the canonical record beside its own sha256. */
function recordText(record: StageRecord): string {
  const body = canonical(record as unknown as Json);
  return `{"sha256":"${sha256(body)}","record":${body}}\n`;
}

const textStart = '{"sha256":"';
const textMiddle = '","record":';
const bodyAt = textStart.length + 64 + textMiddle.length;

/** Compares bytes, not what they mean, so that no flipped byte goes unseen. */
function parseRecord(bytes: Buffer | undefined, key: Digest): StageRecord | undefined {
  if (bytes === undefined || !isGenuine(bytes)) return undefined;
  const value: unknown = JSON.parse(bodyOf(bytes).toString('utf8'));
  return isRecord(value) && value.key === key ? value : undefined;
}

function isGenuine(bytes: Buffer): boolean {
  const frame = `${textStart}${sha256(bodyOf(bytes))}${textMiddle}`;
  return (
    bytes.toString('latin1', 0, bodyAt) === frame && bytes.toString('latin1', bytes.length - 2) === '}\n'
  );
}

function bodyOf(bytes: Buffer): Buffer {
  return bytes.subarray(bodyAt, -2);
}

function isRecord(value: unknown): value is StageRecord {
  if (!isObject(value) || value['version'] !== 1 || value['inputs'] === undefined) return false;
  const { outs, metrics, made } = value;
  return (
    isObject(outs) &&
    Object.values(outs).every(isOut) &&
    isObject(metrics) &&
    Object.values(metrics).every((metric) => typeof metric === 'number') &&
    isObject(made)
  );
}

function isOut(value: unknown): value is StoredOut {
  if (!isObject(value)) return false;
  const { tree, digest, kind, file, files, bytes } = value;
  return (
    [tree, digest].every(isDigestValue) &&
    [files, bytes].every(isCount) &&
    (kind === 'file' ? isFileName(file) : kind === 'folder' && file === null)
  );
}

/** A name within a tree, so that no record can lead out of it. */
function isFileName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !/[/\0]/.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDigestValue(value: unknown): boolean {
  return typeof value === 'string' && isDigest(value);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** False if another writer took the name first. */
function linkAs(temporary: string, target: string): boolean {
  try {
    linkSync(temporary, target);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    if (!knowsNoLinks(error)) throw error;
    return copyAs(temporary, target);
  }
}

/** For file systems without hard links (exFAT, some shares): a copy cut short is passed over by its checksum. */
function copyAs(temporary: string, target: string): boolean {
  try {
    copyFileSync(temporary, target, constants.COPYFILE_EXCL);
    syncPath(target);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

function knowsNoLinks(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '');
}

/** Numbers of all records of a key, whatever their state, ascending. */
function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => (/^[1-9][0-9]{0,14}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
      .sort((a, b) => a - b);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readIfAny(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    // Removed since it was listed, or not to be read: as good as damaged.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
