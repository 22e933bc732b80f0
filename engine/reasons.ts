import { unreachable } from '../base/unreachable.ts';

/** Why a stage must run. One sentence each comes from `sayReason`, everywhere. */
export type Reason =
  | { readonly type: 'never-made' }
  | { readonly type: 'forced' }
  | { readonly type: 'always' }
  | { readonly type: 'param'; readonly key: string; readonly before: string; readonly after: string }
  | { readonly type: 'dep-added' | 'dep-removed'; readonly dep: string }
  | {
      readonly type: 'dep-changed';
      readonly dep: string;
      /** `scan:catalog` or a path. */
      readonly source: string;
      /** Up to a few files, each with what happened to it; empty for a single file. */
      readonly files: readonly FileChange[];
      /** How many changes there are in all. */
      readonly changes: number;
    }
  | { readonly type: 'code'; readonly module: string }
  | { readonly type: 'package'; readonly name: string; readonly before: string; readonly after: string }
  | { readonly type: 'node'; readonly before: string; readonly after: string }
  | { readonly type: 'runtime'; readonly before: string; readonly after: string }
  | {
      readonly type: 'env';
      readonly name: string;
      readonly before: string | null;
      readonly after: string | null;
    }
  | { readonly type: 'command' }
  | { readonly type: 'outs'; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly type: 'artifact-missing'; readonly out: string }
  | { readonly type: 'artifact-damaged'; readonly out: string; readonly file: string }
  /** A stage above will run; whether this one must follow depends on what it makes. */
  | { readonly type: 'upstream'; readonly stage: string }
  /** Its record exists but its bytes were collected, and somebody needs them. */
  | { readonly type: 'needed-by'; readonly stage: string };

export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed' | 'renamed';
  /** Old path of a renamed file. */
  readonly from?: string;
}

/** One reason as a short phrase, e.g. `schedule.T_max 50 → 60`. */
export function sayReason(reason: Reason): string {
  switch (reason.type) {
    case 'never-made':
      return 'never made before';
    case 'forced':
      return 'forced';
    case 'always':
      return 'declared to run always';
    case 'param':
      return `${reason.key} ${reason.before} → ${reason.after}`;
    case 'dep-added':
      return `new input ${reason.dep}`;
    case 'dep-removed':
      return `input ${reason.dep} is gone`;
    case 'dep-changed':
      return sayChangedInput(reason.source, reason.files, reason.changes);
    case 'code':
      return `code of ${reason.module} changed`;
    case 'package':
      return `package ${reason.name} ${reason.before} → ${reason.after}`;
    case 'node':
      return `Node ${reason.before} → ${reason.after}`;
    case 'runtime':
      return `runtime ${reason.before} → ${reason.after}`;
    case 'env':
      return `environment ${reason.name} ${reason.before ?? '(unset)'} → ${reason.after ?? '(unset)'}`;
    case 'command':
      return 'its command changed';
    case 'outs':
      return [
        ...reason.added.map((out) => `new output ${out}`),
        ...reason.removed.map((out) => `output ${out} is gone`),
      ].join(', ');
    case 'artifact-missing':
      return `artifact ${reason.out} is missing`;
    case 'artifact-damaged':
      return `artifact ${reason.out} is damaged (${reason.file})`;
    case 'upstream':
      return `depends on what ${reason.stage} makes`;
    case 'needed-by':
      return `its bytes were collected and ${reason.stage} needs them`;
    default:
      return unreachable(reason);
  }
}

function sayChangedInput(source: string, files: readonly FileChange[], changes: number): string {
  const [first] = files;
  if (first === undefined) return `${source} changed`;
  const what =
    first.change === 'renamed'
      ? `${first.from ?? '?'} renamed to ${first.path}`
      : `${first.path} ${first.change}`;
  return changes > 1 ? `${source}: ${what} and ${changes - 1} more` : `${source}: ${what}`;
}
