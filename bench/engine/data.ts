import { createCipheriv } from 'node:crypto';
import { appendFileSync, linkSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of one folder. */
const perFolder = 1000;
/** Bytes of one file. */
export const fileBytes = 1000;

/** `count` files of pseudorandom bytes, the same each time, as `s000/f000000.bin`. */
export function makeFiles(folder: string, count: number): void {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(fileBytes);
  for (let file = 0; file < count; file += 1) {
    if (file % perFolder === 0) mkdirSync(join(folder, group(file)), { recursive: true });
    writeFileSync(join(folder, nameOf(file)), stream.update(zeros));
  }
}

/** The same files under another folder. A hard link is the same file: what is written into one shows in all. */
export function linkFiles(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    mkdirSync(join(to, entry.name), { recursive: true });
    for (const name of readdirSync(join(from, entry.name))) {
      linkSync(join(from, entry.name, name), join(to, entry.name, name));
    }
  }
}

/** One byte more in one file. */
export function changeFile(folder: string): void {
  appendFileSync(join(folder, nameOf(0)), 'x');
}

function nameOf(file: number): string {
  return `${group(file)}/f${String(file).padStart(6, '0')}.bin`;
}

function group(file: number): string {
  return `s${String(Math.floor(file / perFolder)).padStart(3, '0')}`;
}
