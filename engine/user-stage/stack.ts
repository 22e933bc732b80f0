import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A line of a stack that lies in the user's own code. */
export interface Frame {
  /** Name of the function, where it has one. */
  readonly name: string | undefined;
  /** Relative to the folder of pipeline.yaml. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A folder's name may hold parentheses. */
const place = /(file:\/\/\S+?|\/\S+?):(\d+):(\d+)(?=[),\s]|$)/;

/** Turns places in bundles into places in the files that these were made of. `maps`: bundle → its source map, absolute paths. */
export class Stacks {
  readonly #maps: Readonly<Record<string, string>>;
  readonly #read = new Map<string, SourceMap>();

  constructor(maps: Readonly<Record<string, string>>) {
    this.#maps = maps;
  }

  /** The frames of a stack that lie in the user's code, innermost first. */
  frames(stack: string): readonly Frame[] {
    return stack.split('\n').flatMap((line) => (/^\s+at /.test(line) ? (this.#frame(line) ?? []) : []));
  }

  /** The stack with each place in a bundle replaced by that in its source. */
  readable(stack: string): string {
    return stack
      .split('\n')
      .map((line) => {
        const frame = this.#frame(line);
        return frame === undefined ? line : line.replace(place, () => sayFrame(frame));
      })
      .join('\n');
  }

  #frame(line: string): Frame | undefined {
    const [, where = '', row = '', column = ''] = place.exec(line) ?? [];
    const map = where === '' ? undefined : this.#mapOf(where);
    const found = map?.findEntry(Number(row) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return undefined;
    // esbuild tells sources from the folder `out`, into which it would have written.
    const file = posix.join('out', found.originalSource);
    if (isOurs(found.originalSource)) return undefined;
    const name = /^\s+at (?:async )?(?:new )?([^\s(]+) \(/.exec(line)?.[1];
    return { name, file, line: found.originalLine + 1, column: found.originalColumn + 1 };
  }

  #mapOf(where: string): SourceMap | undefined {
    const file = where.startsWith('file:') ? fileURLToPath(where) : where;
    const path = this.#maps[file];
    if (path === undefined) return undefined;
    const map =
      this.#read.get(path) ?? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
    this.#read.set(path, map);
    return map;
  }
}

/** How the builder names what it put in from ers itself. */
function isOurs(source: string): boolean {
  return source === 'ers';
}

export function sayFrame({ file, line, column }: Frame): string {
  return `${file}:${line}:${column}`;
}
