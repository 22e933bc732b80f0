import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical, type Json } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { isMissing } from '../../cache/errno.ts';
import type { StageRecord, StoredOut } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere } from '../../cache/state-file.ts';
import type { Project } from '../project/project.ts';

/** Numbers by name, those in groups by their dotted name (`test.iou`). */
export type Metrics = Readonly<Record<string, number>>;

/** What is told of a stage beside a result. */
export interface StageMetrics {
  readonly metrics: Metrics;
  /** Outs whose bytes are not there, of a result that was made before the stage's list named them. */
  readonly unread: readonly string[];
}

/** The numbers of a stage that was made this moment, from its folder of outs. Faults: as of `metricsOf`. */
export function readMetrics(stage: Stage, outs: string): Result<Metrics> {
  const read = readOuts(stage, (out) => {
    const file = join(outs, stage.outs[out]?.path ?? '');
    const stats = lstatSync(file, { throwIfNoEntry: false });
    // What is missing, or no plain file, is told by the store, with all others: reading a FIFO would never end.
    return stats?.isFile() === true ? { bytes: stats.size, text: () => readIfThere(file) } : undefined;
  });
  return read.ok ? ok(read.value.metrics) : read;
}

/**
 * The numbers of a result as the stage's own list of `metrics` has it now. The list is in no key: it may be another one
 * than when the result was made, or than that of another stage with the same key that made it. Then the numbers are read
 * from the stored outs, of which only bytes that are the recorded ones count.
 * Faults: ERS_OUT_KIND, an out of the list holds no JSON object of finite numbers.
 */
export function metricsOf(project: Project, stage: Stage, record: StageRecord): Result<StageMetrics> {
  if (canonical(record.made['metrics'] ?? null) === canonical(stage.metrics)) {
    return ok({ metrics: record.metrics, unread: [] });
  }
  return readOuts(stage, (name) => {
    const out = record.outs[name];
    return out === undefined ? undefined : { bytes: out.bytes, text: () => storedText(project, out) };
  });
}

/** Why numbers are missing, and how they come back. */
export function sayUnread(outs: readonly string[]): string {
  return `its metrics cannot be read, since the bytes of ${outs.join(', ')} are not there; a run with --force makes them again`;
}

/** Larger ones are data, not numbers for the eye. */
const maxBytes = 64 * 1024 * 1024;

interface Readable {
  readonly bytes: number;
  /** Undefined if it is not there after all. */
  readonly text: () => string | undefined;
}

function readOuts(stage: Stage, find: (out: string) => Readable | undefined): Result<StageMetrics> {
  const metrics: (readonly [string, number])[] = [];
  const unread: string[] = [];
  for (const name of stage.metrics) {
    const out = stage.outs[name];
    if (out === undefined) throw new Error(`Internal error: ${stage.name} has no out ${name}`);
    if (!out.path.endsWith('.json')) continue;
    const found = find(name);
    if (found !== undefined && found.bytes > maxBytes) {
      return fail(
        noMetrics(stage, name, `wrote more than 64 MiB to ${out.path}, which is one of its metrics`),
      );
    }
    const text = found?.text();
    if (text === undefined) {
      unread.push(name);
      continue;
    }
    const value = parseJson(text);
    if (!isObject(value)) {
      return fail(noObject(stage, name, out.path, value === undefined ? findForeignNumber(text) : undefined));
    }
    const numbers = numbersIn(value, '');
    const wrong = numbers.find(([, number]) => !Number.isFinite(number));
    if (wrong !== undefined) {
      const what = `wrote a number to ${out.path}, one of its metrics, that is too large: \`${wrong[0]}\``;
      return fail(noMetrics(stage, name, what));
    }
    metrics.push(...numbers);
  }
  return ok({ metrics: Object.fromEntries(metrics), unread });
}

function numbersIn(
  value: Readonly<Record<string, Json>>,
  prefix: string,
): readonly (readonly [string, number])[] {
  return Object.entries(value).flatMap(([key, member]): readonly (readonly [string, number])[] => {
    if (typeof member === 'number') return [[`${prefix}${key}`, member]];
    return isObject(member) ? numbersIn(member, `${prefix}${key}.`) : [];
  });
}

/** Of a file; undefined where it is gone, or is not what was recorded. */
function storedText(project: Project, out: StoredOut): string | undefined {
  if (out.kind !== 'file') return undefined;
  try {
    const bytes = readFileSync(project.store.pathOf(out));
    return sha256(bytes) === out.digest ? bytes.toString('utf8') : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What other languages' writers make of a number that is none, in a text that is JSON but for such numbers. */
function findForeignNumber(text: string): string | undefined {
  const found: string[] = [];
  const spared = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (part) => {
    if (part.startsWith('"')) return part;
    found.push(part);
    return 'null';
  });
  return isObject(parseJson(spared)) ? found[0] : undefined;
}

function noObject(stage: Stage, name: string, path: string, number: string | undefined): Fault {
  const what = `wrote no JSON object to ${path}, which is one of its metrics`;
  if (number === undefined) return noMetrics(stage, name, what);
  return {
    ...noMetrics(stage, name, `${what}: it holds ${number}, which JSON has not`),
    hint: 'Write null where there is no number, or find out in the stage why there is none.',
  };
}

function noMetrics(stage: Stage, name: string, what: string): Fault {
  return {
    code: 'ERS_OUT_KIND',
    message: `${stage.name} ${what}.`,
    place: stage.place,
    hint: `Write {"name": number, …}, or take ${name} out of metrics.`,
  };
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
