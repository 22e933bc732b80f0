import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Arithmetic, Moved, Predicted, Ready, Timed } from './protocol.ts';

/** A side's process ended where an answer was expected. */
export class SideEnded extends Error {
  readonly side: string;
  readonly code: number | null;
  constructor(side: string, code: number | null) {
    super(`${side} ended with code ${code ?? 'none'}`);
    this.side = side;
    this.code = code;
  }
}

/** Where a side's stderr goes: to ours, or to an open file. */
export type Errors = 'inherit' | number;

/** One side, running in a process of its own. */
export class Side {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<number | null>;

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    errors: Errors = 'inherit',
  ) {
    this.name = name;
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', errors],
    });
    if (child.stdin === null || child.stdout === null) throw new Error('Internal error: no pipes');
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    // An order to a process that has just ended; `#ask` tells of it.
    child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Its first line. Throws `SideEnded`, as the others do. */
  async ready(): Promise<Ready> {
    return (await this.#answer()) as Ready;
  }

  async steps(count: number): Promise<Timed> {
    this.#order(`steps ${count}`);
    return (await this.#answer()) as Timed;
  }

  async moved(): Promise<Moved> {
    this.#order('moved');
    return (await this.#answer()) as Moved;
  }

  /** Classes of the batch's pixels, as last predicted. */
  async classes(): Promise<Uint8Array> {
    this.#order('classes');
    return Buffer.from(((await this.#answer()) as Predicted).classes, 'base64');
  }

  /** Of PyTorch's side only. */
  async arithmetic(): Promise<Arithmetic> {
    this.#order('arithmetic');
    return (await this.#answer()) as Arithmetic;
  }

  async stop(): Promise<void> {
    this.#order('stop');
    this.#child.stdin?.end();
    await this.#ended;
    this.#lines.close();
  }

  #order(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async #answer(): Promise<unknown> {
    const line = await this.#answers.next();
    if (line.done === true) throw new SideEnded(this.name, await this.#ended);
    return JSON.parse(line.value);
  }
}
