import { existsSync, rmSync } from 'node:fs';
import type { Json } from '../../base/canonical.ts';
import type { Digest } from '../../base/digest.ts';
import { sealedJson, unsealedJson } from '../../base/sealed-json.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';
import type { Accepted } from '../events.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import { acceptedFile } from './layout.ts';
import type { Project } from './project.ts';

/** How a record came to be, if it was not by running its stage. */
export function acceptedOf({ made }: StageRecord): Accepted | undefined {
  const accepted: Json | undefined = made['accepted'];
  if (typeof accepted !== 'object' || accepted === null || Array.isArray(accepted)) return undefined;
  const { from, reasons, when } = accepted as Readonly<Record<string, Json>>;
  if (typeof from !== 'string' || typeof when !== 'string' || !Array.isArray(reasons)) return undefined;
  return { from, when, reasons: reasons.filter((reason) => typeof reason === 'string') };
}

/**
 * The result that this project accepted for a stage under a key. It lies in the project and not in the store: that the
 * result stands is the user's word on this stage, and nothing that another stage or project may take for made.
 */
export function acceptedRecord(project: Project, stage: StageName, key: Digest): StageRecord | undefined {
  return acceptedRecords(project, stage)[key];
}

/** All that this project accepted for a stage, by key; none where the file is damaged. */
export function acceptedRecords(project: Project, stage: StageName): Readonly<Record<string, StageRecord>> {
  const file = acceptedFile(project, ownName(project, stage));
  if (!existsSync(file)) return {};
  return (unsealedJson(readIfThere(file) ?? '') ?? {}) as unknown as Readonly<Record<string, StageRecord>>;
}

/** Lets a record stand under its key for this stage of this project. */
export function accept(project: Project, stage: StageName, record: StageRecord): void {
  write(project, stage, { ...acceptedRecords(project, stage), [record.key]: record });
}

/** The stage was made under this key: from now on that result stands. */
export function endAcceptance(project: Project, stage: StageName, key: Digest): void {
  const { [key]: ended, ...others } = acceptedRecords(project, stage);
  if (ended !== undefined) write(project, stage, others);
}

function write(project: Project, stage: StageName, records: Readonly<Record<string, StageRecord>>): void {
  const file = acceptedFile(project, stage);
  if (Object.keys(records).length === 0) rmSync(file, { force: true });
  else writeWhole(file, sealedJson(records as unknown as { readonly [key: string]: Json }));
}

/** An experiment's stage counts as the plain one. */
function ownName(project: Project, stage: StageName): StageName {
  return project.experiments?.own.get(stage) ?? stage;
}
