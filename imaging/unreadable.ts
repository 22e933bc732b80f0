import type { Fault } from '../base/fault.ts';

/** The fault for bytes that no decoder reads: empty, no picture at all, or a damaged one. ERS_DECODE. */
export function undecodable(error: unknown, bytes: Buffer, shownAs: string): Fault {
  const { message, hint } = explain(error, bytes);
  return { code: 'ERS_DECODE', message, place: { file: shownAs }, hint };
}

function explain(error: unknown, bytes: Buffer): { readonly message: string; readonly hint: string } {
  if (bytes.length === 0) {
    return {
      message: 'The file is empty (0 bytes).',
      hint: 'Copy it again from its source, or take it out of the dataset.',
    };
  }
  if (bytes.toString('latin1', 0, lfsPointer.length) === lfsPointer) {
    return {
      message: 'The file is a Git LFS pointer, not the picture itself.',
      hint: 'Fetch the pictures with `git lfs pull`.',
    };
  }
  const kind = kinds.find(({ magic }) => magic.test(bytes.toString('latin1', 0, 12)))?.name;
  if (kind === undefined) {
    return {
      message: `The file is no picture: it ${isText(bytes) ? 'is text' : 'begins like no PNG, TIFF, JPEG or WebP'}.`,
      hint: 'Put the picture in its place, or take the file out of the dataset.',
    };
  }
  const reason = plainReason(error);
  return {
    message: `The ${kind} ends early or is damaged${reason === '' ? '' : ` (${reason})`}.`,
    hint: `Copy it again from its source. If other programs read it, convert it: \`gdal_translate -of ${kind === 'TIFF' ? 'GTiff' : 'PNG'} IN OUT\`.`,
  };
}

const lfsPointer = 'version https://git-lfs';

const kinds: readonly { readonly name: string; readonly magic: RegExp }[] = [
  { name: 'PNG', magic: /^\x89PNG/ },
  { name: 'JPEG', magic: /^\xff\xd8\xff/ },
  { name: 'TIFF', magic: /^(?:II[*+]\0|MM\0[*+])/ },
  { name: 'WebP', magic: /^RIFF....WEBP/s },
  { name: 'GIF', magic: /^GIF8/ },
];

/** UTF-8 without control characters, as far as its first half kilobyte says. */
function isText(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 512);
  // The last character may be cut in the middle.
  const text = new TextDecoder().decode(start, { stream: true });
  return !/[^\P{Cc}\t\r\n]|\ufffd/u.test(text);
}

/** The decoder's reason under the name of its library, without places and words that say nothing. */
function plainReason(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const first = (said.split('\n')[0] ?? '').replace('Input buffer has corrupt header: ', '');
  if (/unsupported image format|^Unknown error/i.test(first)) return '';
  return first
    .replace(/ at (?:scanline|row|strip|tile) 4294967295(?:, col 4294967295)?/, '')
    .replace(/^vipspng: (?:libpng )?/, 'libpng: ')
    .replace(/^VipsJpeg: /, 'libjpeg: ')
    .replace(/^(?:tiff2vips|TIFF\w+): /, 'libtiff: ')
    .replace(/^webp: /, 'libwebp: ')
    .replace(/^gifload_buffer: /, 'nsgif: ');
}
