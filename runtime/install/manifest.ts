import { existsSync, lstatSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import type { Digest } from '../../base/digest.ts';
import { sealedJson, unsealedJson } from '../../base/sealed-json.ts';
import { variantNames, type VariantName } from '../pins.ts';
import { isAbsence } from './errno.ts';
import { hashFile } from './hash.ts';

const manifestFile = 'runtime.json';

/**
 * What an installed runtime is; the last file that an installation writes. It is sealed by its own sha256, because the
 * version that it tells is part of keys.
 */
export interface RuntimeManifest {
  readonly version: string;
  readonly variant: VariantName;
  /** First line of the compiler's `--version`. */
  readonly compiler: string;
  readonly files: readonly InstalledFile[];
}

/** A type, not an interface, so that it counts as JSON. */
type InstalledFile = {
  readonly path: string;
  readonly bytes: number;
  /** Whole milliseconds. A file with another time is hashed before it is trusted. */
  readonly modified: number;
  readonly sha256: Digest;
};

export type RuntimeState =
  | { readonly state: 'intact'; readonly manifest: RuntimeManifest }
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly file: string; readonly how: string };

/** Lists and hashes every file below `dir` and writes the manifest beside them. */
export async function writeManifest(
  dir: string,
  about: Omit<RuntimeManifest, 'files'>,
  signal: AbortSignal,
): Promise<RuntimeManifest> {
  const files: InstalledFile[] = [];
  for (const path of filesBelow(dir)) {
    const { size, mtimeMs } = statSync(join(dir, path));
    const digest = await hashFile(join(dir, path), signal);
    files.push({ path, bytes: size, modified: Math.trunc(mtimeMs), sha256: digest });
  }
  const manifest: RuntimeManifest = { ...about, files };
  writeFileSync(join(dir, manifestFile), sealedJson({ ...manifest }), { flush: true });
  return manifest;
}

/**
 * Compares an installed runtime with its manifest: sizes and times of every file, and the content of those whose
 * time differs (a copied folder); with `deep`, the content of all.
 */
export async function checkRuntime(dir: string, deep: boolean): Promise<RuntimeState> {
  const manifest = readManifest(dir);
  if (manifest === 'missing') return { state: 'missing' };
  if (manifest === 'damaged') return { state: 'damaged', file: manifestFile, how: 'cannot be read' };
  for (const file of manifest.files) {
    const damage = await damageOf(join(dir, file.path), file, deep);
    if (damage !== undefined) return { state: 'damaged', file: file.path, how: damage };
  }
  return { state: 'intact', manifest };
}

/** The manifest of an installed runtime, without a look at its files. */
export function readManifest(dir: string): RuntimeManifest | 'missing' | 'damaged' {
  let text: string;
  try {
    if (!lstatSync(dir).isDirectory()) return 'damaged';
    text = readFileSync(join(dir, manifestFile), 'utf8');
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return !existsSync(dir) ? 'missing' : 'damaged';
  }
  const value: unknown = unsealedJson(text);
  return isManifest(value) ? value : 'damaged';
}

/** Sum of the installed files' sizes. */
export function installedBytes(manifest: RuntimeManifest): number {
  return manifest.files.reduce((sum, file) => sum + file.bytes, 0);
}

async function damageOf(path: string, file: InstalledFile, deep: boolean): Promise<string | undefined> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'is missing';
  if (!stat.isFile()) return 'is not a plain file';
  if (stat.size !== file.bytes) return `has ${stat.size} bytes instead of ${file.bytes}`;
  if (!deep && Math.trunc(stat.mtimeMs) === file.modified) return undefined;
  return (await hashFile(path)) === file.sha256 ? undefined : 'has changed content';
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort(byCodeUnit);
}

function isManifest(value: unknown): value is RuntimeManifest {
  if (typeof value !== 'object' || value === null) return false;
  const { version, variant, compiler, files } = value as Record<string, unknown>;
  return (
    typeof version === 'string' &&
    variantNames.some((name) => name === variant) &&
    typeof compiler === 'string' &&
    Array.isArray(files) &&
    files.every(isInstalledFile)
  );
}

function isInstalledFile(value: unknown): value is InstalledFile {
  if (typeof value !== 'object' || value === null) return false;
  const { path, bytes, modified, sha256 } = value as Record<string, unknown>;
  return (
    typeof path === 'string' &&
    typeof bytes === 'number' &&
    typeof modified === 'number' &&
    typeof sha256 === 'string'
  );
}
