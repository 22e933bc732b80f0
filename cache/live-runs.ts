import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { isDigest, type Digest } from '../base/digest.ts';
import { isMissing } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';
import { namesIn } from './entries.ts';
import { parseJson } from '../base/parse-json.ts';
import { isTemporary, sweepTemporaries, temporaryFor } from './temporary.ts';

/**
 * Runs at work in a store: `live/ID`, first line the holder, then a line for each key that the run relies on, and
 * `storing` and `stored` around what it puts there. A run writes its line before it looks whether trees are there;
 * `gc` moves trees away before it reads these files. So of the two at least one sees the other.
 */
export interface LiveRun {
  readonly id: string;
  /** Host and process, for a message. */
  readonly holder: string;
  /** It is putting outs into the store that no record names yet: it may rely on any tree. */
  readonly storing: boolean;
  readonly keys: readonly Digest[];
}

/** A run's own side of its file. */
export interface Announcement {
  /** Call before the key's trees are looked at. */
  relyOn(key: Digest): void;
  /** Call before outs are stored. */
  storing(): void;
  /** Call when a record names them, or they were given up. */
  stored(): void;
  leave(): void;
}

/** Makes the file appear whole. Throws what the system says. */
export function announceRun(root: string, id: string): Announcement {
  const folder = join(root, 'live');
  const file = join(folder, id);
  mkdirSync(folder, { recursive: true });
  const temporary = temporaryFor(file);
  writeFileSync(temporary, `${JSON.stringify(describeSelf(id))}\n`);
  crashPoint('live:written');
  renameSync(temporary, file);
  crashPoint('live:there');
  const listed = new Set<Digest>();
  return {
    relyOn: (key) => {
      if (listed.has(key)) return;
      appendFileSync(file, `${key}\n`);
      crashPoint('live:relied');
      listed.add(key);
    },
    storing: () => {
      appendFileSync(file, 'storing\n');
      crashPoint('live:storing');
    },
    stored: () => appendFileSync(file, 'stored\n'),
    leave: () => {
      rmSync(file, { force: true });
      crashPoint('live:left');
    },
  };
}

/** All runs that live or cannot be judged. */
export function liveRuns(root: string): readonly LiveRun[] {
  return filesIn(root).flatMap(({ id, file, first, lines, dead }) => {
    if (dead) return [];
    const holder = parseHolder(parseJson(first));
    return {
      id,
      holder:
        holder === undefined
          ? `a run whose file is damaged (${file}; remove it if no ers is at work)`
          : `process ${holder.pid} on ${holder.host.split(':')[0] ?? ''}`,
      storing: holder === undefined || count(lines, 'storing') > count(lines, 'stored'),
      keys: lines.filter(isDigest),
    };
  });
}

/** Removes the files of runs that died; returns whether there were any. */
export function sweepDeadRuns(root: string): boolean {
  sweepTemporaries(join(root, 'live'));
  const dead = filesIn(root).filter((run) => run.dead);
  for (const { file } of dead) rmSync(file, { force: true });
  return dead.length > 0;
}

function filesIn(root: string) {
  const folder = join(root, 'live');
  return namesIn(folder)
    .filter((id) => !isTemporary(id))
    .flatMap((id) => {
      const file = join(folder, id);
      const text = textOf(file);
      if (text === undefined) return [];
      const [first = '', ...lines] = text.split('\n');
      const holder = parseHolder(parseJson(first));
      // A file appears with its first line: one without was emptied by a power cut.
      const dead = first === '' || (holder !== undefined && isAlive(holder) === 'dead');
      return { id, file, first, lines, dead };
    });
}

function count(lines: readonly string[], wanted: string): number {
  return lines.filter((line) => line === wanted).length;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // It left since it was listed.
    if (isMissing(error)) return undefined;
    throw error;
  }
}
