import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { sha256, type Digest } from '../base/digest.ts';
import { errnoOf } from './errno.ts';
import { manifestText, parseManifest } from './manifest.ts';
import { syncPath } from './sync.ts';
import type { Manifest } from './types.ts';

/** The manifest `manifests/DIGEST`; undefined if it is missing or not what its name says. */
export function readManifest(root: string, digest: Digest): Manifest | undefined {
  const text = readFile(join(root, 'manifests', digest));
  return text !== undefined && sha256(text) === digest ? parseManifest(text.toString('utf8')) : undefined;
}

/** Writes a manifest under its digest unless it is there; `workspace` is a folder on the same file system. */
export function writeManifest(root: string, manifest: Manifest, workspace: string): Digest {
  const text = manifestText(manifest);
  const digest = sha256(text);
  const folder = join(root, 'manifests');
  const target = join(folder, digest);
  if (readFile(target)?.equals(Buffer.from(text)) === true) return digest;
  const temporary = join(workspace, `${digest}.manifest`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(temporary, text);
  chmodSync(temporary, 0o644);
  syncPath(temporary);
  crashPoint('manifest:written');
  renameSync(temporary, target);
  syncPath(folder);
  return digest;
}

function readFile(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
