/**
 * File names are bytes, JavaScript strings are not. A name that is valid UTF-8 is that string; any other byte
 * 0x80…0xFF becomes the lone surrogate U+DC80…U+DCFF (Python's `surrogateescape`, PEP 383). Valid text never
 * holds a lone surrogate, so no two names collide and every name can be turned back into its bytes.
 */
export function decodeName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    name +=
      length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
        : Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    at += Math.max(1, length);
  }
  return name;
}

/** The bytes of a name; the inverse of `decodeName`. */
export function encodeName(name: string): Buffer {
  if (!hasEscapes(name)) return Buffer.from(name, 'utf8');
  const parts: Buffer[] = [];
  for (const character of name) {
    const code = character.charCodeAt(0);
    parts.push(
      character.length === 1 && code >= 0xdc80 && code <= 0xdcff
        ? Buffer.of(code - 0xdc00)
        : Buffer.from(character, 'utf8'),
    );
  }
  return Buffer.concat(parts);
}

/** What `node:fs` must be given to reach a path: the string itself, or its bytes where it is not UTF-8. */
export function osPath(path: string): string | Buffer {
  return hasEscapes(path) ? encodeName(path) : path;
}

/** A name for the eye: control characters and bytes that are no text are shown as `\n` or `\xff`. */
export function sayName(name: string): string {
  const shown = JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  return shown.replace(/\\udc([89a-f][0-9a-f])/g, '\\x$1');
}

/** With the `u` flag a surrogate matches only where it is alone. */
function hasEscapes(name: string): boolean {
  return /[\udc80-\udcff]/u.test(name);
}

/** Length of the valid UTF-8 sequence at `at`, 0 if there is none (RFC 3629: no overlong forms, no surrogates). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let next = 2; next < length; next += 1) {
    if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
