import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { isMissing } from '../../cache/errno.ts';

/** Longer lines are handed on in pieces, so that a stage that never ends its line cannot fill the memory. */
const longestLine = 64 * 1024;

/** What a log and a screen show of one line. */
const shownLine = 2000;

/** A line that a program printed, short enough to be shown: a stack trace can quote a bundle's only line. */
export function cutLine(line: string, limit = shownLine): string {
  if (line.length <= limit) return line;
  const shown = line.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
  return `${shown}… (${line.length - limit} more characters)`;
}

/** Cuts a stream of bytes into lines; a carriage return ends a line too, as progress bars use it. */
export class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(bytes: Buffer): void {
    const pieces = (this.#rest + this.#decoder.write(bytes)).split(/\r\n|\n|\r(?!$)/);
    this.#rest = pieces.pop() ?? '';
    for (const line of pieces) this.#onLine(line);
    if (this.#rest.length > longestLine) this.end();
  }

  /** Hands on what is left without an end of line. */
  end(): void {
    const rest = (this.#rest + this.#decoder.end()).replace(/\r$/, '');
    this.#rest = '';
    if (rest !== '') this.#onLine(rest);
  }
}

/** Reads a file that another process is appending to. Call `read` now and then, and once after its writer ended. */
export class Tail {
  readonly #path: string;
  readonly #lines: Lines;
  readonly #buffer = Buffer.alloc(64 * 1024);
  #file: number | undefined;

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#lines = new Lines(onLine);
  }

  read(): void {
    this.#file ??= openIfThere(this.#path);
    if (this.#file === undefined) return;
    for (;;) {
      const bytes = readSync(this.#file, this.#buffer);
      if (bytes === 0) return;
      this.#lines.add(this.#buffer.subarray(0, bytes));
    }
  }

  /** Reads the rest and closes the file. A last line without an end was cut off by a crash and is dropped. */
  close(): void {
    this.read();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** A folder or a FIFO in its place is none. */
function openIfThere(path: string): number | undefined {
  try {
    // Without O_NONBLOCK, opening a FIFO would hang.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
