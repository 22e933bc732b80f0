import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';
import { isDigest } from '../base/digest.ts';
import type { StageRecord } from '../cache/types.ts';
import { acceptedRecords } from '../engine/project/accepted.ts';
import { metricsOf } from '../engine/key/metrics.ts';
import { currentKey } from '../engine/project/current.ts';
import type { Project } from '../engine/index.ts';
import { orThrow } from './faults.ts';

/** A cached result and what this project has to do with it. */
export interface KnownRecord {
  readonly record: StageRecord;
  /** As the record tells; two pipelines that share a store may name it differently. */
  readonly stage: string;
  /** ISO time, UTC. */
  readonly at: string;
  /** `artifacts/STAGE` shows it. */
  readonly current: boolean;
}

/** The newest record of every key in the store, and what this project accepted beside it: by stage in the pipeline's order, then from old to new. */
export function allRecords(project: Project): readonly KnownRecord[] {
  const { store, pipeline } = project;
  const current = new Set(pipeline.order.map((stage) => currentKey(project, stage)));
  const order = new Map<string, number>(pipeline.order.map((stage, at) => [stage, at]));
  const place = (stage: string): number => order.get(stage) ?? order.size;
  const stored = readdirSync(join(store.root, 'records'))
    .filter(isDigest)
    .flatMap((key) => store.record(key) ?? []);
  const accepted = pipeline.order.flatMap((stage) => Object.values(acceptedRecords(project, stage)));
  // An accepted result hides another of its stage under its key.
  const hidden = new Set(accepted.map((record) => `${textIn(record, 'stage')} ${record.key}`));
  return [...stored.filter((record) => !hidden.has(`${textIn(record, 'stage')} ${record.key}`)), ...accepted]
    .map((record) => ({
      record,
      stage: textIn(record, 'stage'),
      at: textIn(record, 'at'),
      current: current.has(record.key),
    }))
    .sort(
      (a, b) => place(a.stage) - place(b.stage) || byCodeUnit(a.stage, b.stage) || byCodeUnit(a.at, b.at),
    );
}

/** A result with the numbers that its stage's own list of metrics has now, and the outs of it that cannot be read. Throws `FaultError`. */
export function tellMetrics(
  { stage, record }: KnownRecord,
  project: Project,
): { readonly record: StageRecord; readonly unread: readonly string[] } {
  const definition = [...project.pipeline.stages.values()].find(({ name }) => name === stage);
  // Of a stage that is gone, what was read then is all there is.
  if (definition === undefined) return { record, unread: [] };
  const { metrics, unread } = orThrow(metricsOf(project, definition, record));
  return { record: { ...record, metrics }, unread };
}

/** `2026-11-23 04:00` in UTC, from a record's ISO time. */
export function sayWhen(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

function textIn(record: StageRecord, member: string): string {
  const value = record.made[member];
  return typeof value === 'string' ? value : '?';
}
