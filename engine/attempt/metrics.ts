import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../base/canonical.ts';
import { fail, ok, type Result } from '../../base/fault.ts';
import { isMissing } from '../../cache/errno.ts';
import type { Stage } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';

/**
 * The numbers of a stage's metrics outs: every member of a `.json` object that is a number, nested ones by their
 * dotted name (`test.iou`). Other files (`.jsonl` …) are shown by other means and give none.
 * Faults: a metrics out that should be a JSON object is none.
 */
export function readMetrics(stage: Stage, outs: string): Result<Readonly<Record<string, number>>> {
  const metrics: Record<string, number> = {};
  for (const name of stage.metrics) {
    const out = stage.outs[name];
    if (out === undefined) throw new Error(`Internal error: ${stage.name} has no out ${name}`);
    if (!out.path.endsWith('.json')) continue;
    const text = readOut(join(outs, out.path));
    if (text === undefined) continue;
    const value = parseJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail({
        code: 'ERS_OUT_KIND',
        message: `${stage.name} wrote no JSON object to ${out.path}, which is one of its metrics.`,
        place: stage.place,
        hint: `Write {"name": number, …}, or take ${name} out of metrics.`,
      });
    }
    collect(value as Readonly<Record<string, Json>>, '', metrics);
  }
  return ok(metrics);
}

function collect(value: Readonly<Record<string, Json>>, prefix: string, into: Record<string, number>): void {
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'number') into[`${prefix}${key}`] = member;
    else if (typeof member === 'object' && member !== null && !Array.isArray(member)) {
      collect(member as Readonly<Record<string, Json>>, `${prefix}${key}.`, into);
    }
  }
}

/** A missing out is told by the store, with all others. */
function readOut(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
