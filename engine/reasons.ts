import { oneLine } from '../base/one-line.ts';
import { unreachable } from '../base/unreachable.ts';

/** A value of the config then and now, as text. */
export interface ParamChange {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

/** Why a stage must run. One phrase each comes from `sayReason`; `sayInFull` holds nothing back. */
export type Reason =
  | { readonly type: 'never-made' }
  | { readonly type: 'forced' }
  | { readonly type: 'always' }
  | (ParamChange & {
      readonly type: 'param';
      /** Of a list too long to say: what changed in it, `classes[3].colour`. */
      readonly inside?: readonly ParamChange[];
    })
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
  /** `before`, `after`: the templates as text. */
  | { readonly type: 'command'; readonly before: string; readonly after: string }
  | { readonly type: 'outs'; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly type: 'artifact-missing'; readonly out: string }
  /** `file` is '' if it was found before and lies in quarantine. */
  | { readonly type: 'artifact-damaged'; readonly out: string; readonly file: string }
  /** A stage above will run; whether this one must follow depends on what it makes. */
  | { readonly type: 'upstream'; readonly stage: string }
  /** An earlier stage may bring the very same result. */
  | { readonly type: 'shared'; readonly stage: string }
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
  return oneLine(phrase(reason));
}

function phrase(reason: Reason): string {
  switch (reason.type) {
    case 'never-made':
      return 'never made before';
    case 'forced':
      return 'forced';
    case 'always':
      return 'declared to run always';
    case 'param':
      return isLong(reason) ? `${reason.key} changed` : sayChange(reason);
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
    case 'env': {
      const change = envChange(reason);
      return isLong(change) ? `${change.key} changed` : sayChange(change);
    }
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
      return reason.file === ''
        ? `artifact ${reason.out} was damaged and moved aside`
        : `artifact ${reason.out} is damaged (${reason.file})`;
    case 'upstream':
      return `depends on what ${reason.stage} makes`;
    case 'shared':
      return `${reason.stage} may bring the same result`;
    case 'needed-by':
      return `its bytes were collected and ${reason.stage} needs them`;
    default:
      return unreachable(reason);
  }
}

/** A reason with nothing left out that it holds: each change within a long value, and each file, on a line of its own. */
export function sayInFull(reason: Reason): readonly string[] {
  return linesOf(reason).map(oneLine);
}

function linesOf(reason: Reason): readonly string[] {
  if (reason.type === 'param') return (reason.inside ?? [reason]).map(sayChange);
  if (reason.type === 'env') return [sayChange(envChange(reason))];
  if (reason.type === 'always') {
    return ['its `always: true` in pipeline.yaml makes it run each time, whatever changed'];
  }
  if (reason.type === 'command') {
    return [`its command was: ${reason.before}`, `its command is:  ${reason.after}`];
  }
  if (reason.type !== 'dep-changed' || reason.changes < 2) return [phrase(reason)];
  const { source, files, changes } = reason;
  const named = files.map((file) => `${source}: ${sayFile(file)}`);
  return changes > files.length ? [...named, `${source}: … and ${changes - files.length} more`] : named;
}

/** A value longer than this would push the rest of a line off the screen. */
const maxShown = 60;

export function isLong({ before, after }: Pick<ParamChange, 'before' | 'after'>): boolean {
  return before.length > maxShown || after.length > maxShown;
}

function envChange({ name, before, after }: Extract<Reason, { type: 'env' }>): ParamChange {
  return { key: `environment ${name}`, before: before ?? '(unset)', after: after ?? '(unset)' };
}

function sayChange({ key, before, after }: ParamChange): string {
  return `${key} ${before} → ${after}`;
}

/** How many files a line names. */
const filesOnLine = 3;

function sayChangedInput(source: string, files: readonly FileChange[], changes: number): string {
  const [first] = files;
  if (first === undefined) return `${source} changed`;
  const shown = files.slice(0, filesOnLine);
  if (changes <= filesOnLine) return `${source}: ${shown.map(sayFile).join(', ')}`;
  const isOneKind = files.every(({ change }) => change === first.change) && first.change !== 'renamed';
  const named = isOneKind
    ? `${first.change}: ${shown.map(({ path }) => path).join(', ')}`
    : `differ: ${shown.map(sayFile).join(', ')}`;
  return `${source}: ${changes} files ${named} …`;
}

function sayFile({ path, change, from }: FileChange): string {
  return change === 'renamed' ? `${from ?? '?'} renamed to ${path}` : `${path} ${change}`;
}
