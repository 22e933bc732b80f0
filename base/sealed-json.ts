import type { Json } from './canonical.ts';
import { sha256 } from './digest.ts';
import { storedJson } from './stored-json.ts';

const start = '{\n  "sha256": "';
const end = '",\n';
const bodyAt = start.length + 64 + end.length;

/** Indented JSON of an object with members, whose first line is the sha256 of the rest: a state file to be read by people. */
export function sealedJson(value: { readonly [key: string]: Json }): string {
  const [open, ...body] = storedJson(value).split('\n');
  if (open !== '{') throw new Error('Internal error: an empty object cannot be sealed');
  const text = body.join('\n');
  return `${start}${sha256(text)}${end}${text}`;
}

/** The object that was sealed; undefined if any byte of the text is not the one that was written. */
export function unsealedJson(text: string): { readonly [key: string]: Json } | undefined {
  const body = text.slice(bodyAt);
  if (text.slice(0, bodyAt) !== `${start}${sha256(body)}${end}`) return undefined;
  return JSON.parse(`{\n${body}`) as { readonly [key: string]: Json };
}
