import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, type Digest } from '../base/digest.ts';
import { isMissing } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';
import { namesIn } from './inventory.ts';

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
  writeFileSync(`${file}.new`, `${JSON.stringify(describeSelf(id))}\n`);
  renameSync(`${file}.new`, file);
  const listed = new Set<Digest>();
  return {
    relyOn: (key) => {
      if (listed.has(key)) return;
      appendFileSync(file, `${key}\n`);
      listed.add(key);
    },
    storing: () => appendFileSync(file, 'storing\n'),
    stored: () => appendFileSync(file, 'stored\n'),
    leave: () => rmSync(file, { force: true }),
  };
}

/** All runs that live or cannot be judged; `sweep` removes the files of dead ones. */
export function liveRuns(root: string, look: 'look' | 'sweep'): readonly LiveRun[] {
  const folder = join(root, 'live');
  return namesIn(folder).flatMap((id) => {
    const file = join(folder, id);
    const [first = '', ...lines] = textOf(file)?.split('\n') ?? [];
    if (first === '') return [];
    const holder = parseHolder(parse(first));
    if (holder !== undefined && isAlive(holder) === 'dead') {
      if (look === 'sweep') rmSync(file, { force: true });
      return [];
    }
    if (id.endsWith('.new')) return [];
    return {
      id,
      holder:
        holder === undefined
          ? `a run that ${file} does not name`
          : `process ${holder.pid} on ${holder.host.split(':')[0] ?? ''}`,
      storing: holder === undefined || count(lines, 'storing') > count(lines, 'stored'),
      keys: lines.filter(isDigest),
    };
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

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
